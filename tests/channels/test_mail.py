"""Letters to staff, given to real SMTP servers on this machine: good ones, strict ones, slow ones, and none."""

import asyncio
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from bot.channels import mail
from bot.channels.mail import BadMailServer, Mail, MailFailed, MailServer, server_of
from bot.ports import FINAL, Outgoing
from tests.redis_groups import free_ports
from tests.storage.redis.test_tls import certified

LETTER = Outgoing(kind="letter", language="ar", id="abc123", text="حالة تنتظر\n\nهناك حالة تنتظر جواباً.\nhttps://desk.example.org/desk")


@dataclass
class Handler:
    """What the server takes, or how it answers instead."""

    rcpt: str = ""
    sender: str = ""
    data: str = "250 OK"
    hang: bool = False
    got: list[tuple[str, list[str], bytes]] = field(default_factory=list)

    async def handle_MAIL(self, server, session, envelope, address, mail_options):  # noqa: N802
        if self.sender:
            return self.sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.hang:
            await asyncio.sleep(60)
        if self.data.startswith("250"):
            self.got.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return self.data


@asynccontextmanager
async def serving(handler, *, tls=None, implicit=False, **more):
    """A server of SMTP at a port of this machine."""
    loop = asyncio.get_running_loop()
    made: list[SMTP] = []

    def protocol():
        made.append(SMTP(handler, loop=loop, tls_context=None if implicit else tls, enable_SMTPUTF8=False, **more))
        return made[-1]

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls if implicit else None)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for one in made:
            if one.transport is not None:
                one.transport.abort()
        await asyncio.sleep(0.01)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certified(tmp_path_factory.mktemp("tls"))


def speaks_tls(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


def trusts(certificate):
    return ssl.create_default_context(cafile=str(certificate[0]))


def here(port, tls="plain", **more):
    return Mail(MailServer("127.0.0.1", port, tls, **more), "desk@example.org", trust=more.pop("trust", None) if "trust" in more else None)


async def why(channel, to="amina@example.org"):
    with pytest.raises(MailFailed) as failed:
        async with asyncio.timeout(10):
            await channel.send(to, LETTER)
    return failed.value


# ── what goes out ──
async def test_a_letter_names_nobody_and_carries_what_letters_of_machines_carry():
    handler = Handler()
    async with serving(handler) as port:
        receipt = await here(port).send("amina@example.org", LETTER)

    [(sender, to, body)] = handler.got
    letter = message_from_bytes(body, policy=default)
    assert (sender, to, receipt.message) == ("desk@example.org", ["amina@example.org"], "abc123")
    assert letter["Subject"] == "حالة تنتظر"
    assert letter["Message-ID"] == "<abc123@example.org>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Content-Language"] == "ar"
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content().split() == ["هناك", "حالة", "تنتظر", "جواباً.", "https://desk.example.org/desk"]
    assert sorted(letter.keys()) == [
        "Auto-Submitted", "Content-Language", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To",
        "X-Auto-Response-Suppress",
    ]  # fmt: skip


async def test_the_name_of_this_machine_is_not_told():
    said: list[str] = []

    class Listening(Handler):
        async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
            said.append(hostname)
            session.host_name = hostname
            return responses

    async with serving(Listening()) as port:
        await here(port).send("amina@example.org", LETTER)

    assert set(said) == {"example.org"}


# ── a line that others can read ──
async def test_the_line_is_made_safe_before_anything_is_said(certificate):
    handler, signed = Handler(), []

    def sign_in(server, session, envelope, mechanism, data):
        signed.append((session.ssl is not None, data.login, data.password))
        return AuthResult(success=True)

    async with serving(handler, tls=speaks_tls(certificate), require_starttls=True, authenticator=sign_in, auth_required=True) as port:
        server = MailServer("127.0.0.1", port, "starttls", "user", "secret")
        await Mail(server, "desk@example.org", trust=trusts(certificate)).send("amina@example.org", LETTER)

    assert signed == [(True, b"user", b"secret")]
    assert len(handler.got) == 1


async def test_a_server_without_starttls_gets_neither_letter_nor_password():
    handler, signed = Handler(), []

    def sign_in(server, session, envelope, mechanism, data):
        signed.append(data)
        return AuthResult(success=True)

    async with serving(handler, authenticator=sign_in, auth_require_tls=False) as port:
        failed = await why(Mail(MailServer("127.0.0.1", port, "starttls", "user", "secret"), "desk@example.org"))

    assert (failed.why, failed.reason, handler.got, signed) == ("no-tls", "no-rights", [], [])


async def test_a_server_that_refuses_starttls_gets_nothing(certificate):
    class Refusing(SMTP):
        async def smtp_STARTTLS(self, arg):  # noqa: N802
            await self.push("454 TLS not available due to temporary reason")

    handler, loop = Handler(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Refusing(handler, loop=loop, tls_context=speaks_tls(certificate)), "127.0.0.1", 0)
    try:
        failed = await why(Mail(MailServer("127.0.0.1", server.sockets[0].getsockname()[1], "starttls"), "desk@example.org"))
    finally:
        server.close()

    assert (failed.why, handler.got) == ("no-tls", [])


async def test_a_certificate_that_nobody_vouches_for_is_not_believed(certificate):
    handler = Handler()
    async with serving(handler, tls=speaks_tls(certificate)) as port:
        by_starttls = await why(Mail(MailServer("127.0.0.1", port, "starttls"), "desk@example.org"))
    async with serving(handler, tls=speaks_tls(certificate), implicit=True) as port:
        implicit = await why(Mail(MailServer("127.0.0.1", port, "implicit"), "desk@example.org"))

    assert (by_starttls.why, implicit.why, handler.got) == ("bad-certificate", "bad-certificate", [])


async def test_a_line_may_be_safe_from_the_first_byte(certificate):
    handler = Handler()
    async with serving(handler, tls=speaks_tls(certificate), implicit=True) as port:
        await Mail(MailServer("127.0.0.1", port, "implicit"), "desk@example.org", trust=trusts(certificate)).send("a@example.org", LETTER)

    assert len(handler.got) == 1


# ── what goes wrong ──
@pytest.mark.parametrize(
    ("handler", "expected", "final"),
    [
        (Handler(rcpt="550 5.1.1 no amina@example.org here"), "address", True),
        (Handler(rcpt="450 4.2.1 try later"), "server", False),
        (Handler(sender="553 5.7.1 not you"), "sender", False),
        (Handler(sender="451 4.3.0 later"), "server", False),
        (Handler(data="554 5.7.1 looks like spam"), "refused", True),
        (Handler(data="452 4.3.1 no room"), "server", False),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_what_a_server_refuses_is_said_in_our_words(handler, expected, final):
    async with serving(handler) as port:
        failed = await why(here(port))

    assert (failed.why, failed.reason in FINAL, failed.unknown) == (expected, final, False)
    assert "amina" not in f"{failed!r} {failed} {failed.__cause__!r}"


async def test_a_password_that_is_not_taken_is_said():
    async with serving(Handler(), authenticator=lambda *_: AuthResult(success=False, handled=False), auth_require_tls=False) as port:
        failed = await why(here(port, user="user", password="wrong"))

    assert (failed.why, failed.reason) == ("sign-in", "no-rights")


async def test_no_server_is_no_wait():
    failed = await why(here(free_ports(1)[0]))

    assert (failed.why, failed.reason, failed.unknown) == ("not-reached", "network", False)


async def test_a_server_that_hangs_is_left_and_the_letter_may_have_gone(monkeypatch):
    monkeypatch.setattr(mail, "PATIENCE", 0.2)
    async with serving(Handler(hang=True)) as port:
        failed = await why(here(port))

    assert (failed.why, failed.reason, failed.unknown) == ("too-slow", "network", True)


async def test_a_server_that_never_greets_is_left(monkeypatch):
    monkeypatch.setattr(mail, "PATIENCE", 0.2)
    gone = asyncio.Event()

    async def silent(reader, writer):
        await reader.read()
        writer.close()
        gone.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    failed = await why(here(server.sockets[0].getsockname()[1]))
    server.close()
    async with asyncio.timeout(2):
        await gone.wait()

    assert (failed.why, failed.unknown) == ("too-slow", False)


async def test_a_line_that_breaks_while_the_letter_is_given_may_have_carried_it():
    class Breaking(Handler):
        async def handle_DATA(self, server, session, envelope):  # noqa: N802
            server.transport.abort()
            return "250 OK"

    async with serving(Breaking()) as port:
        failed = await why(here(port))

    assert (failed.why, failed.unknown) == ("not-reached", True)


@pytest.mark.parametrize("to", ["amina@example.org\nBcc: other@example.org", "أمينة@example.org"])
async def test_what_is_no_address_is_refused_and_nothing_else_is_sent(to):
    handler = Handler()
    async with serving(handler) as port:
        failed = await why(here(port), to)

    assert (failed.why, handler.got) == ("address", [])


# ── the setting ──
@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("smtp://u:p%40ss@mail.example.org", MailServer("mail.example.org", 587, "starttls", "u", "p@ss")),
        ("smtps://u:p@mail.example.org:2465", MailServer("mail.example.org", 2465, "implicit", "u", "p")),
        ("smtp://127.0.0.1:25", MailServer("127.0.0.1", 25, "plain")),
        ("smtp://localhost", MailServer("localhost", 587, "plain")),
        ("smtp://[::1]:1025", MailServer("::1", 1025, "plain")),
        ("smtp+plain://relay.lan", MailServer("relay.lan", 25, "plain")),
    ],
)
def test_the_address_of_a_server_says_how_safe_the_line_is(address, server):
    assert server_of(address) == server


@pytest.mark.parametrize("address", ["http://mail", "smtp://", "smtp://h:x", "smtp://u@h", "smtp://h/path", "smtp://h?tls=no"])
def test_an_address_that_says_nothing_is_refused_without_its_password(address):
    with pytest.raises(BadMailServer):
        server_of(address)
    assert "p%40ss" not in repr(server_of("smtp://u:p%40ss@h"))
