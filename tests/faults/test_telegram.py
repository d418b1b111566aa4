"""What Telegram, the lines to it, and the updates themselves can do to a service: nobody is lost, and nobody else notices."""

import asyncio
import copy
import signal
from statistics import median

import pytest

from tests.botapi import Fault
from tests.botapi.methods import BLOCKED, DEACTIVATED, KICKED, migrated
from tests.faults import table
from tests.faults.houses import KINDS, counts, open_cases
from tests.faults.oracle import handoffs_lost
from tests.faults.rig import CHATS, GROUP, rigged
from tests.faults.sizes import BACKLOG, DOUBLES, POISON, PRESSES, RUNAWAYS, SENDS, SOAK, marks

LINES = (
    Fault("sendMessage", 500, "Internal Server Error"), Fault("sendMessage", 502, how="html"), Fault("sendMessage", how="reset"),
    Fault("sendMessage", how="reset", after=True), Fault("sendMessage", how="silent", after=True, seconds=0.3),
    Fault("sendMessage", how="broken", after=True), Fault("sendMessage", how="half", after=True), Fault("sendMessage", how="shape", after=True),
)  # fmt: skip
"""One for each of the eight."""
ROUNDS = 5
"""Messages of one person: what they are answered stays below the pace of one person's messages."""
PACE = 25.0
"""Messages a second at which a backlog is worked off, at least."""
AWAY = 600.0 if SOAK else 2.0
FREED = 10.0 if SOAK else 20.0
"""Seconds until everybody is answered again: at full size on a quiet machine what is asked; beside other tests the start of a process alone takes some."""

pytestmark = marks()


def clean(verdict):
    return (verdict.lost, verdict.reordered, verdict.misdelivered) == ([], [], [])


async def test_a_storm_of_refusals_stops_only_the_lanes_that_were_refused(tmp_path):
    """F8."""
    async with rigged(tmp_path, seed=20) as rig:
        child = await rig.start(webhook=True)
        await rig.ready(child)
        slow = {"retry_after": 1}
        people = rig.crowd(SENDS // 10)
        refused = frozenset(people[::2])
        await rig.until(lambda: not rig.busy, 240)
        rig.double.faults.append(Fault("sendMessage", 429, "Too Many Requests: retry after 1", slow, share=0.1, chats=refused))
        asked, answered = {}, {}
        for _ in range(ROUNDS):
            for chat in people:
                asked[chat, len(rig.written[chat])] = rig.double.now()
                rig.say(chat, str(next(rig._tokens)))
            await asyncio.sleep(len(people) / 150)
        verdict = await rig.drain(child, 240.0)
        assert await child.end(signal.SIGTERM) == 0
        for call in rig.double.ledger:
            if call.method == "sendMessage" and call.executed and call.parameters["text"].startswith("Got"):
                answered.setdefault(int(call.parameters["chat_id"]), []).append(call.executed)
        waits = [answered[chat][n - 1] - at for (chat, n), at in asked.items() if chat not in refused]
    table.keep(
        tmp_path,
        "refusals",
        [("refused", sum(c.status == 429 for c in rig.double.ledger)), ("median of others, s", f"{median(waits):.3f}")],
    )
    assert any(call.status == 429 for call in rig.double.ledger)
    assert rig.double.impatient == []
    assert clean(verdict)
    assert verdict.repetitions == 0
    assert median(waits) < 2.0


async def test_a_broken_line_loses_no_message_and_repeats_only_what_may_not_have_gone(tmp_path):
    """F9."""
    rounds = max(3, SENDS // 100)
    async with rigged(tmp_path, seed=21) as rig:
        child = await rig.start(webhook=True)
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 20)
        for n in range(rounds):
            for place, chat in enumerate(CHATS):
                fault = copy.copy(LINES[(place + n) % len(LINES)])
                fault.chat = chat
                rig.double.faults.append(fault)
                rig.say(chat, str(next(rig._tokens)))
            await rig.until(lambda: rig.waiting <= 0 and not any(f.times for f in rig.double.faults), 60)
        verdict = await rig.drain(child, 60.0)
        assert await child.end(signal.SIGTERM) == 0
    doubtful = rounds * sum(fault.after for fault in LINES)
    table.keep(
        tmp_path, "broken lines", [("broken", rounds * len(LINES)), ("repeated", verdict.repetitions), ("carried out unseen", doubtful)]
    )
    assert clean(verdict)
    assert verdict.repetitions <= doubtful


@pytest.mark.parametrize("kind", KINDS)
async def test_an_update_that_comes_three_times_is_answered_once_whatever_its_number(tmp_path, kind):
    """F10."""
    async with rigged(tmp_path, seed=22, kind=kind) as rig:
        child = await rig.start(webhook=True)
        await rig.ready(child)
        old = []
        people = rig.crowd(DOUBLES // ROUNDS)
        await rig.until(lambda: not rig.busy, 2000)
        for n in range(DOUBLES):
            chat = people[n % len(people)]
            word = str(next(rig._tokens))
            update = rig.double.text(chat, word)
            if n == DOUBLES // 2:
                rig.double.make.numbers = iter(range(5_000_000, 6_000_000))  # after a quiet week, anything
            rig.written[chat].append(word)
            rig.expected += 2
            old.append(update)
            for _ in range(3):
                rig.double.push(copy.deepcopy(update))
            if n % 64 == 63:
                await rig.until(lambda: rig.waiting <= 0, 200)
        await rig.until(lambda: not rig.busy, 200)
        for update in old[-50:]:
            rig.double.push(copy.deepcopy(update))
        verdict = await rig.drain(child, 200.0)
        assert await child.end(signal.SIGTERM) == 0
    assert clean(verdict)
    assert verdict.repetitions == 0


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
@pytest.mark.parametrize("kind", KINDS)
async def test_one_poisoned_update_of_a_hundred_harms_no_other_and_is_kept_sealed(tmp_path, kind, webhook):
    """F12."""
    poison = 0
    async with rigged(tmp_path, seed=23, kind=kind) as rig:
        child = await rig.start(webhook=webhook)
        await rig.ready(child)
        people = rig.crowd(POISON // ROUNDS)
        await rig.until(lambda: not rig.busy, 200)
        for n in range(POISON):
            if n % 100 == 50:
                poison += 1
                rig.double.push({"message": {"message_id": 1, "date": 1, "chat": "canary", "text": ["canary-words"]}})
            rig.say(people[n % len(people)], str(next(rig._tokens)))
            if n % 64 == 63:
                await rig.until(lambda: rig.waiting <= 0, 200)
        verdict = await rig.drain(child, 200.0)
        assert await child.end(signal.SIGTERM) == 0
        aside = (await counts(rig.env())).quarantine
    assert clean(verdict)
    assert aside == poison
    assert "canary" not in rig.log.read_text()


async def test_a_turn_that_never_ends_hurts_one_person_and_is_ended(tmp_path):
    """F13."""
    async with rigged(tmp_path, seed=24) as rig:
        child = await rig.start(endless="never ends")
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 20)
        for n in range(RUNAWAYS):
            chat = CHATS[n % len(CHATS)]
            rig.double.push(rig.double.text(chat, "never ends"))
            asked = rig.double.now()
            for each in CHATS:
                rig.say(each, str(next(rig._tokens)))
            await rig.until(lambda: rig.waiting <= 0, 2 * FREED)
            assert rig.double.now() - asked <= FREED
        verdict = await rig.drain(child)
        assert await child.end(signal.SIGTERM) == 0
        aside = (await counts(rig.env())).quarantine
    assert clean(verdict)
    assert aside == RUNAWAYS


async def test_while_telegram_is_out_of_reach_all_waits_and_then_goes_out(tmp_path):
    """F16: the line to Telegram is cut; what came before is kept, and all is answered within seconds after."""
    async with rigged(tmp_path, seed=29) as rig:
        child = await rig.start()
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 20)
        rig.burst(80)
        await rig.until(lambda: rig.answered > 20, 20)
        rig.double.away()
        await asyncio.sleep(AWAY)
        rig.burst(20)
        answered = rig.answered
        await rig.double.listen()
        back = rig.double.now()
        verdict = await rig.drain(child, 200.0)
        pace = (rig.answered - answered) / (rig.double.now() - back)
        assert await child.end(signal.SIGTERM) == 0
    table.keep(tmp_path, "Telegram out of reach", [("answers a second, after", f"{pace:.0f}"), ("repeated", verdict.repetitions)])
    assert clean(verdict)
    assert max(verdict.repeated.values(), default=0) <= 1
    assert pace >= (25.0 if not SOAK else 1.0)  # after a long outage some wait longer until they try again


@pytest.mark.parametrize("kind", KINDS)
async def test_what_piled_up_while_the_service_was_away_is_worked_off_in_time(tmp_path, kind):
    """F16."""
    async with rigged(tmp_path, seed=45, kind=kind) as rig:
        people = rig.crowd(BACKLOG // ROUNDS)
        for n in range(BACKLOG - len(people)):
            rig.say(people[n % len(people)], str(next(rig._tokens)))
        child = await rig.start()
        await rig.ready(child)
        began = rig.double.now()
        await rig.until(lambda: not rig.busy, BACKLOG / PACE + 30.0)
        pace = BACKLOG / (rig.double.now() - began)
        verdict = await rig.drain(child)
        assert await child.end(signal.SIGTERM) == 0
    table.keep(tmp_path, f"a backlog, {kind}", [("messages", BACKLOG), ("worked off, a second", f"{pace:.0f}")])
    assert clean(verdict)
    assert verdict.repetitions == 0
    assert pace >= PACE


@pytest.mark.parametrize("refusal", [BLOCKED, DEACTIVATED], ids=["blocked", "deactivated"])
async def test_a_person_out_of_reach_keeps_the_handoff_and_delays_nobody(tmp_path, refusal):
    """F17."""
    async with rigged(tmp_path, seed=25) as rig:
        child = await rig.start()
        await rig.ready(child)
        rig.say(CHATS[0], "human")
        await rig.until(lambda: not rig.busy and rig.double.sent(GROUP), 20)
        rig.double.methods.closed[CHATS[0]] = refusal
        rig.double.push(rig.double.text(CHATS[0], "17"))
        for chat in CHATS[1:]:
            rig.say(chat, str(next(rig._tokens)))
        await rig.until(lambda: rig.waiting <= 0, 20)
        assert await child.end(signal.SIGTERM) == 0
        assert len(await open_cases(rig.env())) == 1
    assert handoffs_lost(rig.written, rig.double.ledger, GROUP) == 0


@pytest.mark.parametrize("gone", ["migrated", "topic deleted", "topic closed", "kicked"])
async def test_a_group_that_is_gone_or_elsewhere_loses_no_handoff(tmp_path, gone):
    """F17."""
    elsewhere = GROUP - 1
    async with rigged(tmp_path, seed=26) as rig:
        child = await rig.start()
        await rig.ready(child)
        if gone == "migrated":
            rig.double.methods.closed[GROUP] = migrated(elsewhere)
        if gone == "kicked":
            rig.double.methods.closed[GROUP] = KICKED
        rig.say(CHATS[0], "human")
        await rig.until(lambda: not rig.busy, 20)
        if gone.startswith("topic"):
            await rig.until(lambda: rig.double.methods.topics and rig.double.sent(GROUP), 20)
            before = set(rig.double.methods.topics)
            rig.double.methods.topics.update(dict.fromkeys(before, gone.split()[1]))
            rig.double.methods.shut_out = True
            posts = len(rig.double.sent(GROUP))
            rig.double.push(rig.double.text(CHATS[0], "more words"))
            await rig.until(lambda: any("more words" in post["text"] for post in rig.double.sent(GROUP)[posts:]), 20)
            assert bool(set(rig.double.methods.topics) - before) == (gone == "topic deleted")
        if gone == "migrated":
            await rig.until(lambda: rig.double.sent(elsewhere), 20)
        assert await child.end(signal.SIGTERM) == 0
        assert len(await open_cases(rig.env())) == 1
    if gone != "kicked":
        assert handoffs_lost(rig.written, rig.double.ledger, elsewhere if gone == "migrated" else GROUP) == 0


async def test_presses_that_expired_in_an_outage_lose_no_call_for_a_person(tmp_path):
    """F23."""
    async with rigged(tmp_path, seed=27) as rig:
        child = await rig.start()
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 20)
        await rig.kill(child, 0.0)
        for chat in CHATS:
            rig.double.push(rig.double.press(chat, 1, "l.1.yes"))
            rig.say(chat, "human")
        rig.double.move(600.0)
        assert len(rig.double.waiting.expired) == len(CHATS)
        child = await rig.start()
        verdict = await rig.drain(child)
        await rig.until(lambda: not handoffs_lost(rig.written, rig.double.ledger, GROUP), 20)
        assert await child.end(signal.SIGTERM) == 0
    assert clean(verdict)


async def test_old_double_and_orphaned_presses_change_nothing(tmp_path):
    """F24."""
    async with rigged(tmp_path, seed=28) as rig:
        child = await rig.start(webhook=True)
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 20)
        rig.double.push(rig.double.text(900, "/start"))
        rig.double.push(rig.double.text(900, "menu"))
        await rig.until(lambda: any("inline_keyboard" in (sent.get("reply_markup") or {}) for sent in rig.double.sent(900)), 20)
        data = [
            b["callback_data"]
            for sent in rig.double.sent(900)
            for row in (sent.get("reply_markup") or {}).get("inline_keyboard", [])
            for b in row
        ]
        foreign = 0  # buttons that no version of ours made: put aside, and counted
        for n in range(PRESSES):
            pressed = rig.chance.choice([*data, "", "x", "l.9.yes", "." * 64])
            foreign += pressed in ("", "x", "." * 64)
            rig.double.push(rig.double.press(rig.chance.choice((900, *CHATS)), 1000 + n, pressed, inaccessible=bool(n % 2)))
            if n % 64 == 63:
                await rig.until(lambda: not rig.double.waiting, 60)
        await rig.until(lambda: not rig.double.waiting, 60)
        await asyncio.sleep(0.5)
        rig.double.calls.clear()
        rig.written = {chat: [] for chat in CHATS}
        rig.expected = rig.answered = 0
        for chat in CHATS:
            rig.say(chat, "/start")
        await rig.until(lambda: not rig.busy, 30)
        assert all(rig.double.sent(chat) for chat in CHATS)
        assert await child.end(signal.SIGTERM) == 0
        assert (await counts(rig.env())).quarantine == foreign
