"""Many people, many caseworkers, answers all mixed: each reaches the person whose topic it was written in, or nobody.

F18, as far as caseworkers sit in a group of topics.
"""

import re
import signal
from collections import Counter
from typing import Any

import pytest

from tests.faults import table
from tests.faults.houses import KINDS, keep_for, open_cases
from tests.faults.rig import GROUP, Rig, rigged
from tests.faults.sizes import ANSWERS, ASKERS, marks

CASEWORKERS = 20
AT_ONCE = 40
"""Answers under way at a time."""
KILLS = 4
_WORDS = re.compile(r"words of ([a-j]+)")
_LETTERS = str.maketrans("0123456789", "abcdefghij")
_DIGITS = str.maketrans("abcdefghij", "0123456789")
_ANSWER = re.compile(r"answer-(\d+)-(\d+)")

pytestmark = marks()


async def cases_of(rig: Rig, people: list[int]) -> dict[int, int]:
    """Let everybody ask for a person and say something only they say; gives the topic of each, as the group sees it."""
    for chat in people:
        for words in ("/start", "human", f"words of {str(chat).translate(_LETTERS)}"):
            rig.double.push(rig.double.text(chat, words))

    def topics() -> dict[int, int]:
        found = {}
        for post in rig.double.sent(GROUP):
            for chat in _WORDS.findall(post["text"]):
                found[int(chat.translate(_DIGITS))] = int(post["message_thread_id"])
        return found

    await rig.until(lambda: len(topics()) == len(people), 30.0 + len(people))
    return topics()


def got(rig: Rig) -> list[tuple[int, int, int]]:
    """Every answer that anybody was sent: whom it reached, whom it was for, its number."""
    found = []
    for method, sent in rig.double.calls:
        if method in ("sendMessage", "editMessageText") and int(sent["chat_id"]) != GROUP:
            found += [(int(sent["chat_id"]), int(chat), int(n)) for chat, n in _ANSWER.findall(sent["text"])]
    return found


def odd_ones(topic: int, who: int, elsewhere: int, nowhere: int) -> tuple[tuple[int, int, dict[str, Any]], ...]:
    """What reaches nobody: a topic of no case, a case that is another's, an edit of what never went out, somebody else's words, a reply to
    what stands in another topic."""
    return (
        (nowhere, who, {}), (topic, who + 1, {}), (topic, who, {"edited": True}), (topic, who, {"forward_origin": {"type": "user"}}),
        (topic, who, {"via_bot": {"id": 5, "is_bot": True}}), (topic, who, {"external_reply": {"message_id": 9}}),
        (topic, who, {"reply_to_message": {"message_id": 9, "message_thread_id": elsewhere + nowhere}}),
        (topic, who, {"sender_chat": {"id": GROUP}}),
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
async def test_of_many_mixed_answers_none_reaches_another_person_and_none_is_guessed(tmp_path, kind):
    async with rigged(tmp_path, seed=60, kind=kind, keep=keep_for(kind, tmp_path, lease=1.0)) as rig:
        child = await rig.start(webhook=True)
        await rig.ready(child)
        people = list(range(20_000, 20_000 + ASKERS))
        topics = await cases_of(rig, people)
        nowhere, refused = max(topics.values()) + 100_000, 0
        asked: list[tuple[int, int]] = []
        last: dict[int, int] = {}  # the last answer in each topic, by its message
        codes = {chat: re.search(r"[A-Z0-9]{3}-[A-Z0-9]{3}", rig.double.methods.titles[topic])[0] for chat, topic in topics.items()}
        for n in range(ANSWERS):
            if n % (ANSWERS // KILLS) == ANSWERS // KILLS // 2:
                await rig.kill(child, 0.0, idle=True)
                child = await rig.start(webhook=True)
            chat = rig.chance.choice(people)
            topic, who, more = topics[chat], chat % CASEWORKERS, {}
            if n % 10 == 7 and chat in last:
                topic, who, more = rig.chance.choice(odd_ones(topic, who, topics[rig.chance.choice(people)], nowhere))
                refused += 1
            elif n % 10 == 3 and chat in last:  # an edit of what went out: a correction
                more = {"edited": True, "message": last[chat]}
                asked.append((chat, n))
            else:
                asked.append((chat, n))
            update = rig.double.in_topic(GROUP, topic, f"answer-{chat}-{n}", user=70 + who, **more)
            if "message" in update and (chat, n) == asked[-1]:
                last[chat] = update["message"]["message_id"]
            rig.double.push(update)
            if n % 20 == 11:  # a button of one case, pressed in the topic of another
                other = rig.chance.choice([one for one in people if one != chat])
                verb = rig.chance.choice(("end.{}.answered", "claim.{}", "flow.{}", "to.{}.Thuya"))
                rig.double.push(rig.double.press_in_topic(GROUP, topics[chat], 1, verb.format(codes[other]), user=70 + who))
            if n % AT_ONCE == AT_ONCE - 1:
                await rig.until(lambda: len(rig.double.waiting) == 0, 120)
        await rig.until(lambda: {(to, n) for to, _, n in got(rig)} >= set(asked), 60.0 + ANSWERS / 50)
        assert await child.end(signal.SIGTERM) == 0
        arrived, still_open = got(rig), len(await open_cases(rig.env()))
    wrong = [one for one in arrived if one[0] != one[1]]
    guessed = [one for one in arrived if (one[1], one[2]) not in set(asked)]
    twice = sum(times - 1 for times in Counter(arrived).values())
    order = [[n for to, _, n in arrived if to == chat] for chat in people]
    rows = [
        ("people", ASKERS), ("answers", len(asked)), ("refused", refused), ("kills", KILLS),
        ("wrong recipient", len(wrong)), ("guessed", len(guessed)), ("repeated", twice),
    ]  # fmt: skip
    table.keep(tmp_path, f"answers, {kind}", rows)
    assert (wrong, guessed) == ([], [])
    assert all(one == sorted(one) for one in order)
    assert twice <= KILLS * len(people)
    assert refused > 0
    assert still_open == len(people)
