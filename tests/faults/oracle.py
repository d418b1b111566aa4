"""The oracle: what was lost, repeated, reordered or misdelivered, computed from the ledger of the Bot API alone.

Rule 1: it knows what each person wrote, and what was sent to whom; of the service under test it knows nothing.
Rule 2: a reply is marked by the token it carries; a mark heard twice in a row is a repetition, heard later again it is out of order.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Mark = str
Call = tuple[str, Mapping[str, Any]]
_GOT = re.compile(r"Got\W*(\d+)")


@dataclass
class Verdict:
    """What the ledger shows. `repeated`: how often something was sent once too often, by person and number of kills before."""

    lost: list[tuple[int, Mark]] = field(default_factory=list)
    reordered: list[tuple[int, Mark]] = field(default_factory=list)
    misdelivered: list[tuple[int, Mark]] = field(default_factory=list)
    repeated: Counter[tuple[int, int]] = field(default_factory=Counter)
    replies: int = 0

    @property
    def repetitions(self) -> int:
        return self.repeated.total()


def mark(text: str) -> Mark:
    """What a reply is, in one word."""
    got = _GOT.match(text)
    if got:
        return got[1]
    if text.startswith("A number"):
        return "question"
    if text.startswith(("The team has", "Nobody is at")):
        return "waiting"
    return {"We were here.": "here"}.get(text, f"other: {text[:40]}")


def heard(calls: Iterable[Call], chats: Iterable[int]) -> dict[int, list[tuple[Mark, int]]]:
    """What each person was sent, as marks in order, with its place in the ledger."""
    marks: dict[int, list[tuple[Mark, int]]] = {chat: [] for chat in chats}
    for place, (method, parameters) in enumerate(calls):
        if method == "sendMessage" and int(parameters["chat_id"]) in marks:
            marks[int(parameters["chat_id"])].append((mark(parameters["text"]), place))
    return marks


def replies(words: Sequence[str]) -> list[Mark]:
    """What a person who writes these words must be answered, in order."""
    expected: list[Mark] = []
    for word in words:
        if word == "human":
            expected += ["waiting", "here", "question"]
        elif word.isdigit():
            expected += [word, "question"]
        else:
            expected += ["question"]
    return expected


def judge(written: Mapping[int, Sequence[str]], calls: Iterable[Call], kills: Sequence[int] = ()) -> Verdict:
    """Compare what everyone wrote with what everyone was sent. `kills`: how long the ledger was at each kill."""
    verdict = Verdict()
    owner = {word: chat for chat, words in written.items() for word in words if word.isdigit()}
    for chat, marks in heard(calls, written).items():
        expected = replies(written[chat])
        verdict.replies += len(expected)
        known = set(expected)
        verdict.misdelivered += [(chat, m) for m, _ in marks if m not in known or owner.get(m, chat) != chat]
        for place in _follow(verdict, chat, expected, [one for one in marks if one[0] in known]):
            verdict.repeated[chat, bisect_right(kills, place)] += 1
    return verdict


def handoffs_lost(written: Mapping[int, Sequence[str]], ledger: Iterable[Any], group: int) -> int:
    """How many who asked for a caseworker stand in no topic of the group that was posted in. Topics are told apart by their name."""
    names: dict[int, str] = {}
    posted: set[str] = set()
    for call in ledger:
        if call.executed is None or int(call.parameters.get("chat_id") or 0) != group:
            continue
        if call.method == "createForumTopic":
            names[call.result["message_thread_id"]] = call.parameters["name"]
        elif call.method == "sendMessage":
            posted.add(names.get(int(call.parameters.get("message_thread_id") or 0), ""))
    asked = sum("human" in words for words in written.values())
    return max(0, asked - len(posted - {""}))


def busiest(times: Sequence[float], seconds: float) -> int:
    """The most that came in any stretch of so many seconds."""
    ordered, first, most = sorted(times), 0, 0
    for n, at in enumerate(ordered):
        while ordered[first] <= at - seconds:
            first += 1
        most = max(most, n - first + 1)
    return most


def _follow(verdict: Verdict, chat: int, expected: Sequence[Mark], marks: Sequence[tuple[Mark, int]]) -> list[int]:
    """Walk along what was expected: each mark is the next one, the last one again, or out of its place. Gives where repetitions stand."""
    at, again = 0, []
    for n, (m, place) in enumerate(marks):
        if at < len(expected) and m == expected[at]:
            at += 1
        elif at and m == expected[at - 1]:
            again.append(place)
        elif m in expected[at:]:
            skipped = expected[at : at + expected[at:].index(m)]
            later = {one for one, _ in marks[n:]}
            for one in skipped:
                (verdict.reordered if one in later else verdict.lost).append((chat, one))
            at += len(skipped) + 1
        else:
            verdict.reordered.append((chat, m))
    verdict.lost += [(chat, m) for m in expected[at:]]
    return again
