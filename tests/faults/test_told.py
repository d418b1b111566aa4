"""Staff are told by the other way when one is gone: a whole service, a real mail server, a stand-in for Telegram."""

import asyncio
import re
import signal
from email import message_from_bytes
from email.policy import default

import pytest

from bot.bootstrap.build import build_house
from bot.config import read
from tests.botapi.methods import KICKED
from tests.channels.test_mail import Handler, serving
from tests.faults import table
from tests.faults.flows import BUNDLE, PERSON
from tests.faults.houses import KINDS, open_cases
from tests.faults.rig import CHATS, GROUP, free_port, rigged
from tests.faults.sizes import marks

pytestmark = marks()
SOON = 60.0


async def accounts(env):
    """A caseworker, a supervisor and an operator, each with an address."""
    house = build_house(read(env), guest=True)
    await house.store.open()
    try:
        for id_, roles in (("amina", ("caseworker",)), ("boss", ("supervisor",)), ("op", ("operator",))):
            await house.staff.add(id_, roles=roles, mail=f"{id_}@example.org", language="ar")
    finally:
        await house.close()
        await house.store.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_group_that_throws_the_bot_out_is_told_to_those_in_charge_by_letter_within_a_minute(tmp_path, kind):
    """F17."""
    handler = Handler()
    async with serving(handler) as port, rigged(tmp_path, seed=61, kind=kind) as rig:
        rig.more |= {
            "AMANA_MAIL_SERVER": f"smtp://127.0.0.1:{port}", "AMANA_MAIL_FROM": "desk@example.org", "AMANA_PUBLIC_URL": "https://desk.example.org",
        }  # fmt: skip
        await accounts(rig.env())
        child = await rig.start()
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 20)
        rig.double.methods.closed[GROUP] = KICKED
        rig.say(CHATS[0], "human")
        began = asyncio.get_running_loop().time()
        await rig.until(lambda: len(handler.got) >= 2, SOON)
        took = asyncio.get_running_loop().time() - began
        assert await child.end(signal.SIGTERM) == 0
        assert len(await open_cases(rig.env())) == 1
    table.keep(tmp_path, f"group gone, told by letter, {kind}", [("after, s", f"{took:.1f}")])
    assert sorted(to for _, [to], _ in handler.got) == ["boss@example.org", "op@example.org"]
    for _, _, body in handler.got:
        letter = message_from_bytes(body, policy=default)
        words = letter.get_content()
        assert letter["Subject"] == "مجموعة الفريق غير متاحة"
        assert [word for word in words.split() if word.startswith("http")] == ["https://desk.example.org/desk"]
        assert not re.search(r"[2-9A-Z]{3}-[2-9A-Z]{3}", words)
    assert "example.org" not in rig.log.read_text().replace("desk.example.org", "")
    assert took < SOON


async def test_a_case_in_danger_that_nobody_takes_is_told_to_the_team_at_any_hour(tmp_path):
    """From the person's word to the letter in the server's hands, in a process of its own."""
    handler = Handler()
    async with serving(handler) as port, rigged(tmp_path, seed=63) as rig:
        rig.more |= {"AMANA_MAIL_SERVER": f"smtp://127.0.0.1:{port}", "AMANA_MAIL_FROM": "desk@example.org"}
        await accounts(rig.env())
        assert await rig.publish({**BUNDLE, "flows/person.yaml": PERSON.replace("to: desk", "to: desk\n    urgency: now")}) == 0
        child = await rig.start()
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 20)
        rig.say(CHATS[0], "human")
        began = asyncio.get_running_loop().time()
        await rig.until(lambda: handler.got, SOON)
        took = asyncio.get_running_loop().time() - began
        await asyncio.sleep(4.0)
        assert await child.end(signal.SIGTERM) == 0
    table.keep(tmp_path, "a case in danger, told by letter", [("after, s", f"{took:.1f}")])
    assert sorted({to for _, [to], _ in handler.got}) == ["amina@example.org", "boss@example.org"]
    assert len(handler.got) == 2
    assert {message_from_bytes(body, policy=default)["Subject"] for _, _, body in handler.got} == {"حالة تنتظر"}
    assert 19.0 < took < 30.0


async def test_a_process_killed_after_a_letter_repeats_at_most_that_one(tmp_path):
    handler = Handler()
    async with serving(handler) as port, rigged(tmp_path, seed=62) as rig:
        rig.more |= {"AMANA_MAIL_SERVER": f"smtp://127.0.0.1:{port}", "AMANA_MAIL_FROM": "desk@example.org"}
        await accounts(rig.env())
        rig.double.methods.closed[GROUP] = KICKED
        rig.say(CHATS[0], "human")
        child = await rig.start(crash="letters.after_send")
        await rig.until(child.ended.done, SOON)
        sent = len(handler.got)
        again = await rig.start()
        await rig.until(lambda: {to for _, [to], _ in handler.got} == {"boss@example.org", "op@example.org"}, SOON)
        await asyncio.sleep(4.0)  # one more look
        assert await again.end(signal.SIGTERM) == 0
    assert sent == 1
    ids = [message_from_bytes(body, policy=default)["Message-ID"] for _, _, body in handler.got]
    assert len(ids) <= 3
    assert len(set(ids)) == 2  # a repetition bears the same name, so that a mail box can tell


async def test_another_worker_looks_when_the_one_that_did_is_killed(tmp_path):
    handler = Handler()
    async with serving(handler) as port, rigged(tmp_path, seed=64, kind="server") as rig:
        rig.more |= {"AMANA_MAIL_SERVER": f"smtp://127.0.0.1:{port}", "AMANA_MAIL_FROM": "desk@example.org"}
        await accounts(rig.env())
        first = await rig.start()
        await rig.ready(first)
        second = await rig.start(port=free_port())
        await asyncio.sleep(4.0)  # the first has looked, the second has seen that it does
        await first.end(signal.SIGKILL)
        rig.double.methods.closed[GROUP] = KICKED
        began = asyncio.get_running_loop().time()
        rig.say(CHATS[0], "human")
        await rig.until(lambda: len(handler.got) >= 2, SOON)
        took = asyncio.get_running_loop().time() - began
        assert await second.end(signal.SIGTERM) == 0
    table.keep(tmp_path, "told by another worker", [("after, s", f"{took:.1f}")])
    assert sorted(to for _, [to], _ in handler.got) == ["boss@example.org", "op@example.org"]
    assert took < SOON
