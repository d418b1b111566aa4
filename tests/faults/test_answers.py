"""Thousands of answers from browsers and topics together: each reaches the person it was written for, or nobody.

F18 whole: 200 people on two channels, 20 caseworkers at two desks, and what goes wrong in life: too late, edited, forwarded, replied to
elsewhere, in a topic that is gone, by somebody who has the case no more.
"""

import asyncio
import signal

import pytest

from tests.faults import table
from tests.faults.houses import KINDS, keep_for
from tests.faults.rig import GROUP, rigged
from tests.faults.sizes import MIXED, MIXED_PEOPLE, marks
from tests.faults.street import Person, Street

CASEWORKERS = 20
AT_ONCE = 32
ANONYMOUS = {"sender_chat": {"id": GROUP, "type": "supergroup"}, "author_signature": "admin"}
ORIGIN = {"type": "hidden_user", "sender_user_name": "SOMEBODY", "date": 1}
HOSTILE = ("forwarded", "elsewhere", "general", "unbound", "anonymous", "another", "another in the topic", "edited", "edited nothing")
SAID = ("forwarded", "elsewhere", "anonymous", "another in the topic", "an edit of nothing")
"""Refusals that a caseworker must be told of where they wrote."""
LIVES = ("erase", "close", "pass", "topic")

pytestmark = marks(420.0)


async def one(street: Street, person: Person) -> None:
    """One answer of the mix."""
    draw = street.chance.random()
    worker = person.worker
    if draw < 0.42:
        await street.by_web(person, worker)
    elif draw < 0.76:
        await street.by_topic(person, worker)
    elif draw < 0.96:
        await odd(street, person, street.chance.choice(HOSTILE))
    else:
        await life(street, person, street.chance.choice(LIVES))


async def odd(street: Street, person: Person, how: str) -> None:
    """An answer that is not plainly one: refused, or tied to its case for certain."""
    worker = person.worker
    other = street.chance.choice([one for one in street.people if one is not person])
    stranger = street.chance.choice([one for one in street.workers if one is not worker])
    match how:
        case "forwarded":
            await street.by_topic(other, worker, person.topic, never=how, forward_origin=ORIGIN, forward_date=1)
        case "elsewhere":
            above = {"message_id": 5, "date": 1, "chat": {"id": GROUP, "type": "supergroup"}, "message_thread_id": other.topic}
            await street.by_topic(person, worker, never=how, reply_to_message=above)
        case "general":
            await street.by_topic(person, worker, never=how, message_thread_id=None)
        case "unbound":
            await street.by_topic(person, worker, 900_000_000, never=how)
        case "anonymous":
            await street.by_topic(person, worker, never=how, **ANONYMOUS)
        case "another":
            await street.by_web(person, stranger, never=how)
        case "another in the topic":
            await street.by_topic(person, stranger, never=how)
        case "edited":
            await street.edited(person, known=True)
        case _:
            await street.edited(person, known=False)


async def life(street: Street, person: Person, how: str) -> None:
    """Something happens to a case; nobody else answers it meanwhile."""
    match how:
        case "pass":
            await street.passed_on(person)
        case "topic":
            await street.loses_topic(person)
        case _:
            await street.comes_back(person, how)


async def mixed(street: Street, many: int) -> None:
    """So many answers, some under way at the same time, to one person only one; everyone was claimed before."""
    left = iter(range(many))

    async def worker() -> None:
        for _ in left:
            person = street.chance.choice([one for one in street.people if not one.busy])
            person.busy = True
            try:
                await one(street, person)
            finally:
                person.busy = False

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(worker())


async def settled(street: Street) -> list[tuple[Person, tuple[int, str, int]]]:
    """Wait until no more comes; gives what came."""
    arrived: list[tuple[Person, tuple[int, str, int]]] = []
    while len(now := await street.arrived()) != len(arrived) or not arrived:
        arrived = now
        await asyncio.sleep(1.0)
    return arrived


@pytest.mark.parametrize("kind", KINDS)
async def test_of_thousands_of_answers_by_web_and_topic_none_reaches_another_person(tmp_path, kind):
    async with rigged(tmp_path, seed=18, kind=kind, keep=keep_for(kind, tmp_path, lease=1.0)) as rig:
        street = Street(rig, rig.chance)
        await street.hire(CASEWORKERS)
        child = await rig.start(webhook=True)
        await rig.ready(child)
        await street.sign_in()
        await street.settle(MIXED_PEOPLE)
        for person in street.people:
            await street.by_web(person, person.worker)
        await mixed(street, MIXED)
        await rig.until(lambda: len(rig.double.waiting) == 0, 120)
        arrived = await settled(street)
        told = street.told()
        await street.leave()
        assert await child.end(signal.SIGTERM) == 0, rig.log.read_text()[-2000:]
    wrong = [mark for person, mark in arrived if person.id != mark[0]]
    guessed = [(mark, street.never[mark[2]]) for _, mark in arrived if mark[2] in street.never]
    came = [n for _, (_, _, n) in arrived]
    twice = len(came) - len(set(came))
    anyway = set(came) & street.refused
    unsaid = {street.never[n] for n in street.messages.values() if street.never.get(n) in SAID and n not in told}
    lost = set(street.sent) - set(came)
    rows = [
        ("people", MIXED_PEOPLE), ("answers", MIXED), ("arrived", len(came)), ("refused in the browser", len(street.refused)),
        ("refused in the group", len(told)), ("must not arrive", len(street.never)), ("wrong recipient", len(wrong)),
        ("guessed", len(guessed)), ("refused and sent anyway", len(anyway)), ("twice", twice), ("lost", len(lost)),
    ]  # fmt: skip
    table.keep(tmp_path, f"answers by web and topic, {kind}", rows)
    assert (wrong, guessed, anyway, twice, lost) == ([], [], set(), 0, set())
    assert len(came) > MIXED // 2
    assert not unsaid
