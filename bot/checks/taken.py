"""What a change takes away of what protects people, against what is in force: tests, words of danger and of the way out, help, limits.

Rule 1: it is no error to take something away, but somebody says in words why; only a flow that loses its last test is an error.
Rule 2: a problem stands where the thing stood or stands; a file that is gone is named, on its first line.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from bot.checks.chatfile import BadChat, ChatFile, read_chat
from bot.checks.fear import behind
from bot.checks.graph import Graph
from bot.flow import model as m
from bot.flow.bundle import Bundle
from bot.flow.compiler import Compiled
from bot.flow.draft import Draft, DraftFlow, DraftStep
from bot.flow.model_service import DangerModel, FearModel, Spellings
from bot.flow.problem import Problem, place_of
from bot.i18n.fold import fold

RULES: Final = ("untested", "test-gone", "safeguard-gone")
"""The rules that this file finds."""
_BOT: Final = "flows/bot.yaml"
_WORDS: Final = "flows/words.yaml"
_HOLDS: Final = frozenset({"has", "not", "case", "kept", "state", "language"})
_SHOWN: Final = 4


class Side(NamedTuple):
    """One of the two bundles, compiled."""

    bundle: Bundle
    compiled: Compiled

    @property
    def draft(self) -> Draft:
        """What its authors wrote."""
        return self.compiled.draft


def taken_away(before: Side, after: Side, read: Callable[[str], ChatFile] = read_chat) -> tuple[Problem, ...]:
    """Everything that protects people and is there no more; a warning is to be answered in words by whoever approves.

    `read`: `read_chat`, or what gives the same.
    """
    if before.bundle == after.bundle:
        return ()
    found = (*_tests(before, after, read), *_words(before, after), *_flows(before, after), *_settings(before, after))
    return tuple(sorted(dict.fromkeys(found), key=place_of))


# ── tests ──
class _Test(NamedTuple):
    """What one test holds: the flows it goes through, and how many things it says must be so."""

    flows: frozenset[str]
    holds: int


def _tests(before: Side, after: Side, read: Callable[[str], ChatFile]) -> Iterator[Problem]:
    was, is_ = [{path: _test(side.bundle[path], read) for path in side.bundle.test_paths()} for side in (before, after)]
    for path, test in was.items():
        name = path.rpartition("/")[2].removesuffix(".chat")
        if path not in is_:
            sentence = f"the test ‹{name}› is gone: what it held about {_some(sorted(test.flows))} is tested no more"
            yield Problem("test-gone", path, 1, 1, sentence, warning=True)
        elif is_[path].holds < test.holds:
            sentence = f"the test ‹{name}› holds {is_[path].holds} things, and held {test.holds}"
            yield Problem("test-gone", path, 1, 1, sentence, warning=True)
    tested, still = [frozenset[str]().union(*(test.flows for test in tests.values())) for tests in (was, is_)]
    for name, flow in after.draft.flows.items():
        place = after.draft.at(flow.file, "flow")
        if name not in still and name in tested:
            sentence = f"no test goes through ‹{name}› any more: nothing of what it promises is tried before people receive it"
            yield Problem("untested", flow.file, place.line, place.column, sentence)
        elif name not in still and name not in before.draft.flows:
            yield Problem("untested", flow.file, place.line, place.column, f"‹{name}› is new, and no test goes through it", warning=True)


def _test(text: str, read: Callable[[str], ChatFile]) -> _Test:
    try:
        chat = read(text)
    except BadChat:
        return _Test(frozenset(), 0)
    return _Test(frozenset(_gone_through(chat)), sum(_holds(line.kind, line.words) for line in chat.lines) + _nevers(chat))


def _gone_through(chat: ChatFile) -> Iterator[str]:
    yield from (value for key, value, _ in chat.head if key == "flow")
    yield from (line.words.split(".")[0] for line in chat.lines if line.kind == "<" and line.words not in ("", "..."))


def _holds(kind: str, words: str) -> bool:
    return (kind == "<" and words != "...") or kind.partition(" ")[0] in _HOLDS


def _nevers(chat: ChatFile) -> int:
    return sum(len([each for each in value.split(",") if each.strip()]) for key, value, _ in chat.head if key.startswith("never"))


# ── words ──
def _words(before: Side, after: Side) -> Iterator[Problem]:
    was, is_ = before.draft.words, after.draft.words
    if was is None or is_ is None:
        return
    for word, spellings in was.global_.items():
        yield from _fewer(after, ("global", word), f"the word ‹{word}›", spellings, is_.global_.get(word, {}))
    for name, group in was.danger.items():
        now = is_.danger.get(name)
        if now is None:
            yield _loss(after, _WORDS, ("danger",), f"the words of danger ‹{name}› are gone: they open ‹{group.flow}› no more")
        else:
            yield from _group(after, name, group, now)
    for name, spellings in was.answers.items():
        if name not in is_.answers:
            yield _loss(after, _WORDS, ("answers",), f"the spellings of the answer ‹{name}› are gone: {_count(spellings)} ways to write it")
        else:
            yield from _fewer(after, ("answers", name), f"the answer ‹{name}›", spellings, is_.answers[name])


def _group(after: Side, name: str, was: DangerModel, is_: DangerModel) -> Iterator[Problem]:
    yield from _fewer(after, ("danger", name, "words"), f"the words of danger ‹{name}›", was.words, is_.words)
    if was.flow != is_.flow:
        yield _loss(after, _WORDS, ("danger", name, "flow"), f"the words of danger ‹{name}› opened ‹{was.flow}›, and now ‹{is_.flow}›")
    if was.leave and not is_.leave:
        yield _loss(
            after, _WORDS, ("danger", name), f"‹{name}› dropped everything before it, so that a stranger saw none of it; now it does not"
        )
    more = _set(is_.unless) - _set(was.unless)
    if more:
        yield _loss(after, _WORDS, ("danger", name, "unless"), f"‹{name}› is heard no more where it says {_some(sorted(more))}")


def _fewer(after: Side, path: tuple[str, ...], what: str, was: Spellings, is_: Spellings) -> Iterator[Problem]:
    gone = _set(was) - _set(is_)
    if gone:
        yield _loss(after, _WORDS, path, f"{what} is understood no more when written {_some(sorted(gone))}")


def _set(spellings: Spellings) -> frozenset[str]:
    return frozenset(fold(each) for listed in spellings.values() for each in listed) - {""}


def _count(spellings: Spellings) -> int:
    return len(_set(spellings))


# ── flows ──
def _flows(before: Side, after: Side) -> Iterator[Problem]:
    danger = {group.flow for group in before.draft.words.danger.values()} if before.draft.words is not None else set[str]()
    for name, was in before.draft.flows.items():
        now = after.draft.flows.get(name)
        if now is None:
            if name in danger:
                yield Problem("safeguard-gone", was.file, 1, 1, f"the flow ‹{name}›, which words of danger open, is gone", warning=True)
        elif now.head is not None and was.head is not None:
            yield from _head(after, was, now)
            yield from _steps(was, now, dangerous=name in danger)
    yield from _before_fear(before, after)


def _head(after: Side, was: DraftFlow, now: DraftFlow) -> Iterator[Problem]:
    if was.sensitive and not now.sensitive:
        yield _loss(
            after, now.file, ("flow",), f"‹{now.name}› is sensitive no more: its first words may name the subject on a locked screen"
        )
    if was.head is None or now.head is None or was.head.only_from is None:
        return
    wider = None if now.head.only_from is None else set(now.head.only_from) - set(was.head.only_from)
    if wider is None or wider:
        more = _some(sorted(wider)) if wider else "everywhere"
        sentence = f"‹{now.name}› could be entered only from {_some(was.head.only_from)}; now from {more} too"
        yield _loss(after, now.file, ("only-from",), sentence)


def _steps(was: DraftFlow, now: DraftFlow, *, dangerous: bool) -> Iterator[Problem]:
    here = {step.key: step for step in now.steps}
    for step in was.steps:
        other = here.get(step.key)
        kept = other is not None and other.word == step.word
        if dangerous and step.word in ("contacts", "handoff") and not kept:
            place = now.steps[0].place if now.steps else None
            what = "names a contact" if step.word == "contacts" else "passes the person to a team"
            line, column = (place.line, place.column) if place is not None else (1, 1)
            sentence = f"‹{step.key}› of ‹{now.name}›, a flow of danger, {what} no more"
            yield Problem("safeguard-gone", now.file, line, column, sentence, warning=True)
        elif other is not None and kept:
            yield from _asked(now, step, other)


def _asked(flow: DraftFlow, was: DraftStep, now: DraftStep) -> Iterator[Problem]:
    if not isinstance(was.model, m.AskModel) or not isinstance(now.model, m.AskModel):
        return
    lost = {
        "its answer is private no more: texts, reports and other flows may hold it": was.model.private and not now.model.private,
        "it can be skipped no more: who does not want to answer is stopped": was.model.skip and not now.model.skip,
        "other words lead to help no more": was.model.otherwise is not None and now.model.otherwise is None,
    }
    for why in (why for why, is_so in lost.items() if is_so):
        yield Problem("safeguard-gone", flow.file, now.place.line, now.place.column, f"‹{flow.name}.{now.key}›: {why}", warning=True)


def _before_fear(before: Side, after: Side) -> Iterator[Problem]:
    """Texts that stood behind the question of fear, and now come before it."""
    was = behind(before.draft, Graph.of(before.draft))
    now = behind(after.draft, Graph.of(after.draft))
    for id_ in sorted(was.kept & now.open):
        flow = after.draft.flows[id_.partition(".")[0]]
        step = flow.step(id_.partition(".")[2])
        if step is not None:
            sentence = f"‹{id_}› stood behind the question of fear, and now comes before it"
            yield Problem("safeguard-gone", flow.file, step.place.line, step.place.column, sentence, warning=True)


# ── settings ──
def _unguarded(was: FearModel, now: FearModel | None, draft: Draft) -> str:
    """What is out of `fear-first` now, or nothing. A place that is there no more, with another in its stead, has another name only."""
    if now is None:
        return f"‹{was.leads}›"
    lost = sorted({*was.asks, *was.flows} - {*now.asks, *now.flows})
    if len(now.asks) >= len(was.asks) and len(now.flows) >= len(was.flows):
        lost = [place for place in lost if _is_there(draft, place)]
    if now.leads != was.leads and _is_there(draft, was.leads):
        lost.append(was.leads)
    return _some(lost) if lost else ""


def _is_there(draft: Draft, place: str) -> bool:
    flow, _, step = place.partition(".")
    return flow in draft.flows and (not step or draft.flows[flow].step(step) is not None)


def _settings(before: Side, after: Side) -> Iterator[Problem]:
    was, is_ = before.draft.bot, after.draft.bot
    if was is None or is_ is None:
        return
    for key, listed, now in (
        ("promise", was.wording.promise, is_.wording.promise),
        ("not-first", was.wording.not_first, is_.wording.not_first),
    ):
        gone = sorted(set(listed) - set(now))
        if gone:
            yield _loss(after, _BOT, ("wording", key), f"{_some(gone)} may be said now: it stood in ‹wording.{key}›")
    if was.fear_first is not None and (what := _unguarded(was.fear_first, is_.fear_first, after.draft)):
        yield _loss(after, _BOT, ("fear-first",), f"‹fear-first› protects less: {what} is out of it")
    gone_languages = sorted(set(was.languages) - set(is_.languages))
    if gone_languages:
        yield _loss(after, _BOT, ("languages",), f"people who read {_some(gone_languages)} are answered no more in their language")


# ── saying it ──
def _loss(after: Side, file: str, path: tuple[str, ...], sentence: str) -> Problem:
    place = after.draft.key_at(file, *path)
    return Problem("safeguard-gone", file, place.line, place.column, sentence, warning=True)


def _some(words: Sequence[str]) -> str:
    return ", ".join(f"‹{word}›" for word in words[:_SHOWN]) + (f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else "")
