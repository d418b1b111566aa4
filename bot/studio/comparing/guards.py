"""What a line of an author's test watches over, so that nobody gives it up unseen.

Rule 1: what protects is told from what the flow does, never from how its author called it.
Rule 2: when in doubt a line protects: to tick it costs a moment, to lose it can cost a person dearly.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final, Literal, TypeAlias

from bot.flow.draft import DraftStep
from bot.flow.tree import Plain, plain
from bot.studio.comparing.naming import Names

Lost: TypeAlias = Literal["", "question", "contact", "danger", "handoff", "consent", "way-out", "said", "silence", "kept", "later"]
"""What of the protection is given up: a question that turns harm away, a contact, words to somebody in danger, a person who answers, a
consent, a way out, words that must be said, words that must not be, less kept; or it only comes later.
"""
_ENGINE: Final[Mapping[str, Lost]] = {
    "stopped": "way-out", "erased": "way-out", "erased-web": "way-out", "nothing-before": "", "still-safe": "question",
    "offer-human": "handoff", "human-here": "handoff", "waiting-open": "handoff", "waiting-closed": "handoff", "passed-on": "handoff",
    "no-contact": "contact",
}  # fmt: skip
_GLOBAL: Final = frozenset({"stop", "erase", "help", "human", "menu", "back", "repeat", "language", "privacy"})
_URGENCY: Final = ("normal", "high", "now")


class Guards:
    """What lines of tests watch over, by the flows as they were (and as they are, for what is new)."""

    def __init__(self, *known: Names) -> None:
        self._known = known
        self._danger = {group.flow for names in known if names.draft.words is not None for group in names.draft.words.danger.values()}
        self._fear = {ask for names in known if names.draft.bot and names.draft.bot.fear_first for ask in names.draft.bot.fear_first.asks}
        contacts = [names.draft.directory for names in known if names.draft.directory is not None]
        self._names = {row.name.casefold() for directory in contacts for row in directory.contacts.values()}

    def lost(self, was: str, now: str, new: Collection[str] = ()) -> Lost:
        """Give what is given up where the line `was` becomes `now` (empty: goes). `new`: messages that the test expects elsewhere now."""
        if was.startswith("<"):
            return self._message(was[1:].split(), now[1:].split() if now else [], new)
        if was.startswith(">"):
            key = was[1:].strip().strip("[]")
            return "way-out" if now and was != now and (key == "skip" or key in _GLOBAL) else ""
        key, _, words = was.partition(":")
        return self._check(key.split()[0] if key.split() else "", words.strip(), now.partition(":")[2].strip())

    # ── messages ──
    def _message(self, was: list[str], now: list[str], new: Collection[str]) -> Lost:
        id_ = was[0] if was else ""
        if now[:1] == was[:1]:
            gone = {key.strip("[]") for key in was[1:]} - {key.strip("[]") for key in now[1:]} if now[1:] else set()
            return next((lost for key in sorted(gone) if (lost := self._button(id_, key))), "")
        lost = self.of_message(id_)
        return "later" if lost and id_ in new else lost

    def of_message(self, id_: str) -> Lost:
        """Give what a message protects."""
        flow, _, rest = id_.partition(".")
        if id_ == "staff":
            return "handoff"
        if id_ in self._fear:
            return "question"
        if flow == "bot":
            return _ENGINE.get(rest, "")
        return next((lost for names in self._known if (lost := self._step(flow, rest.partition(":")[0].partition(".")[0], names))), "")

    def _step(self, flow: str, key: str, names: Names) -> Lost:
        there = names.draft.flows.get(flow)
        step = there.step(key) if there is not None else None
        if step is None:
            return ""
        match step.word:
            case "contacts":
                return "contact"
            case "handoff" | "consent":
                return step.word
            case "ask":
                return "question" if self._turns_away(flow, step, names) else ""
            case _ if "{number." in names.texts.get(step.id, ""):
                return "contact"
            case "say" | "pages" if flow in self._danger:
                return "danger"
            case _:
                return ""

    def _turns_away(self, flow: str, step: DraftStep, names: Names) -> bool:
        """Whether an answer is private, or turns a person to another flow: to where somebody in danger is led, or by a condition."""
        fields = _fields(step)
        leads = {to for why in ("go", "call") if isinstance(ways := fields.get(why), dict) for to in ways.values() if isinstance(to, str)}
        if fields.get("private") == "yes" or leads & self._danger:
            return True
        named = re.compile(rf"(?<![\w.-]){re.escape(step.key)}(?![\w.-])")
        return any(
            isinstance(when := each.get("if"), str)
            and named.search(when)
            and {str(each.get("go")), str(each.get("call"))} & names.draft.flows.keys()
            for each in map(_fields, names.draft.flows[flow].steps)
        )

    def _button(self, id_: str, key: str) -> Lost:
        if key == "skip" or key in _GLOBAL:
            return "way-out"
        flow, _, name = id_.partition(".")
        for names in self._known:
            there = names.draft.flows.get(flow)
            step = there.step(name) if there is not None else None
            fields = _fields(step) if step is not None else {}
            if step is not None and step.word == "consent":
                return "way-out"
            leads = [ways.get(key) for why in ("go", "call") if isinstance(ways := fields.get(why), dict)]
            if {"end", "leave"} & set(filter(lambda to: isinstance(to, str), leads)):
                return "way-out"
            if any(to in self._danger or self._hands_over(to, names) for to in leads if isinstance(to, str)):
                return "handoff"
        return ""

    def _hands_over(self, flow: str, names: Names) -> bool:
        there = names.draft.flows.get(flow)
        return there is not None and any(step.word == "handoff" for step in there.steps)

    # ── what must hold ──
    def _check(self, kind: str, was: str, now: str) -> Lost:
        match kind:
            case "has":
                told = re.findall(r"\d[\d /:-]*\d|\d{2,}", was)
                known = bool(told) or any(name in was.casefold() for name in self._names)
                kept = bool(now) and all(number in now for number in told) and (bool(told) or not known)
                return "" if kept else "contact" if known else "" if now else "said"
            case "not" | "never":
                return "silence"
            case "state":
                return "handoff" if was in ("waiting", "human") and now != was else ""
            case "case":
                return _of_case(was, now)
            case "kept":
                return "kept" if now and set(_kept(now)) - set(_kept(was)) else ""
            case _:
                return ""


def new_messages(pairs: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Give the messages that lines name now and did not; each pair is a line as it was and is, empty where there is none."""
    return frozenset(named for was, now in pairs if (named := message_of(now)) and named != message_of(was))


def message_of(line: str) -> str:
    """Give the id of the message that a line names; empty if it names none."""
    words = line.split()
    return words[1] if len(words) > 1 and words[0] == "<" and words[1] != "..." else ""


def _fields(step: DraftStep) -> dict[str, Plain]:
    node = plain(step.node)
    return node if isinstance(node, dict) else {}


def _kept(words: str) -> list[str]:
    return [] if words == "nothing" else words.split()


def _of_case(was: str, now: str) -> Lost:
    old_head, _, old_shown = was.partition(":")
    new_head, _, new_shown = now.partition(":")
    old, new = [*old_head.split(), "normal"], [*new_head.split(), "normal"]
    if not now:
        return "handoff" if old[0] != "none" else "kept"
    if old[0] == "none":
        return "kept" if new[0] != "none" else ""
    if new[0] != old[0] or _rank(new[1]) < _rank(old[1]):
        return "handoff"
    return "kept" if set(new_shown.split()) - set(old_shown.split()) else ""


def _rank(urgency: str) -> int:
    return _URGENCY.index(urgency) if urgency in _URGENCY else 0
