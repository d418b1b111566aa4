"""E-mail as a channel to staff: the second way to be told that a case waits.

Rule 1: a letter is plain text that names nobody and nothing; it holds no code, no subject, no tracking, and no link but the desk's address.
Rule 2: no letter and no password goes over a line that others can read, unless the line ends on this machine or the operator wrote so.
Rule 3: what a server answers stops here, in our words: it may hold an address.
"""

import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import formatdate
from ipaddress import ip_address
from typing import Literal, TypeAlias
from urllib.parse import unquote, urlsplit

import aiosmtplib as smtp

from bot.ports import Failure, Outgoing, Pace, Receipt, SendFailed

PATIENCE = 15.0
"""Seconds for each answer of the server."""
PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
Tls: TypeAlias = Literal["starttls", "implicit", "plain"]
Why: TypeAlias = Literal["not-reached", "too-slow", "no-tls", "bad-certificate", "sign-in", "sender", "address", "server", "refused"]
_REASONS: dict[Why, Failure] = {
    "not-reached": "network", "too-slow": "network", "no-tls": "no-rights", "bad-certificate": "no-rights", "sign-in": "no-rights",
    "sender": "no-rights", "address": "person-left", "server": "server", "refused": "refused",
}  # fmt: skip


class BadMailServer(Exception):
    """The address of the mail server cannot be used; says why, without its password."""


class MailFailed(SendFailed):
    """A letter did not go out. `why` says it closer than the words that all channels share."""

    def __init__(self, why: Why, *, unknown: bool = False) -> None:
        super().__init__(_REASONS[why], unknown=unknown)
        self.why: Why = why


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are given. `tls`: `starttls` (it must be offered), `implicit` (from the first byte), or `plain`."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port}, {self.tls})"


def server_of(address: str) -> MailServer:
    """Read `smtp[s]://user:password@host:port`; raises `BadMailServer`.

    `smtp://` asks for STARTTLS, but on this machine; `smtp+plain://` says in words that the line may be read by others.
    """
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        raise BadMailServer("its port is not a number") from None
    if parts.scheme not in PORTS:
        raise BadMailServer("it begins with smtp://, smtps:// or smtp+plain://")
    if not parts.hostname:
        raise BadMailServer("it names no host")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise BadMailServer("nothing follows host and port")
    if (parts.username is None) != (parts.password is None):
        raise BadMailServer("user and password come together")
    plain = parts.scheme == "smtp+plain" or (parts.scheme == "smtp" and _is_here(parts.hostname))
    tls: Tls = "implicit" if parts.scheme == "smtps" else "plain" if plain else "starttls"
    return MailServer(parts.hostname, port or PORTS[parts.scheme], tls, unquote(parts.username or ""), unquote(parts.password or ""))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Mail:
    """Sends letters to members of staff. The route is an address. The first line of a message's text is the subject, its `id` names it."""

    name = "mail"

    def __init__(self, server: MailServer, sender: str, *, pace: Pace | None = None, trust: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._sender = sender
        self._domain = sender.rpartition("@")[2]
        self._trust = trust
        self.pace = pace or Pace(most=30, seconds=60.0)

    async def send(self, route: str, message: Outgoing) -> Receipt:
        """Give one letter to the server; raises `MailFailed`."""
        try:
            letter = self._letter(route, message)
        except ValueError:  # two lines, or no address at all
            raise MailFailed("address") from None
        try:
            line = await self._line()
        except (smtp.SMTPException, OSError, ssl.SSLError) as error:
            raise _before(error) from None
        try:
            await line.send_message(letter, sender=self._sender, recipients=[route])
        except (smtp.SMTPException, OSError, ValueError) as error:
            raise _while_sending(error) from None
        finally:
            line.close()  # politeness could take as long again, and says nothing that matters
        return Receipt(message=message.id)

    async def _line(self) -> smtp.SMTP:
        """Open a line, as safe as it has to be, and sign in."""
        server = self._server
        trust = None if server.tls == "plain" else self._trust or ssl.create_default_context()
        line = smtp.SMTP(
            hostname=server.host, port=server.port, timeout=PATIENCE, local_hostname=self._domain,
            use_tls=server.tls == "implicit", start_tls=False, tls_context=trust,
        )  # fmt: skip
        try:
            await line.connect()
            if server.tls == "starttls":
                await self._made_safe(line, trust)
            if server.user:
                await line.login(server.user, server.password)
        except BaseException:
            line.close()
            raise
        return line

    async def _made_safe(self, line: smtp.SMTP, trust: ssl.SSLContext | None) -> None:
        await line.ehlo()
        if not line.supports_extension("starttls"):
            raise MailFailed("no-tls")
        try:
            await line.starttls(tls_context=trust)
        except smtp.SMTPResponseException:
            raise MailFailed("no-tls") from None

    def _letter(self, route: str, message: Outgoing) -> EmailMessage:
        subject, _, body = message.text.partition("\n")
        letter = EmailMessage(policy=WIRE)
        letter["From"] = self._sender
        letter["To"] = route
        letter["Subject"] = subject
        letter["Date"] = formatdate(usegmt=True)
        letter["Message-ID"] = f"<{message.id}@{self._domain}>"
        letter["Auto-Submitted"] = "auto-generated"  # no answering machine answers (RFC 3834)
        letter["X-Auto-Response-Suppress"] = "All"
        letter.set_content(body.strip() + "\n", cte="quoted-printable")
        letter["Content-Language"] = message.language
        return letter


def _before(error: Exception) -> MailFailed:
    """What stood in the way before the letter was given."""
    match error:
        case MailFailed():
            return error
        case ssl.SSLCertVerificationError():
            return MailFailed("bad-certificate")
        case ssl.SSLError():
            return MailFailed("no-tls")
        case smtp.SMTPAuthenticationError(code=code):
            return MailFailed("server" if code < 500 else "sign-in")
        case smtp.SMTPNotSupported():
            return MailFailed("sign-in")
        case smtp.SMTPTimeoutError() | TimeoutError():
            return MailFailed("too-slow")
        case smtp.SMTPResponseException():
            return MailFailed("server")
        case _:
            return MailFailed("bad-certificate" if _of_certificate(error) else "not-reached")


def _of_certificate(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return "certificate" in str(error).lower()


def _while_sending(error: Exception) -> MailFailed:
    """Why the server did not take the letter; after a line that broke, it may have."""
    match error:
        case smtp.SMTPNotSupported() | ValueError():  # an address that this server cannot write
            return MailFailed("address")
        case smtp.SMTPSenderRefused(code=code):
            return MailFailed("server" if code < 500 else "sender")
        case smtp.SMTPRecipientsRefused(recipients=refused):
            return MailFailed("server" if all(one.code < 500 for one in refused) else "address")
        case smtp.SMTPRecipientRefused(code=code):
            return MailFailed("server" if code < 500 else "address")
        case smtp.SMTPResponseException(code=code):
            return MailFailed("server" if code < 500 else "refused")
        case smtp.SMTPTimeoutError() | TimeoutError():
            return MailFailed("too-slow", unknown=True)
        case smtp.SMTPServerDisconnected() | OSError():
            return MailFailed("not-reached", unknown=True)
        case _:
            return MailFailed("refused")
