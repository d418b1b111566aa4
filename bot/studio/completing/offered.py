"""What there is to name at a place of a file: steps, flows, answers and their values, teams, contacts, needs, sources.

Rule 1: names of the flow at hand are taken from its text as it is being written, all others from the draft.
Rule 2: every list comes with what each name is, in words of the draft.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from msgspec import Struct

from bot.flow.conditions import Named
from bot.flow.draft import Draft
from bot.flow.language import BARE_WORDS, DAYS, ENGINE_TEXTS, GLOBAL_WORDS, SERVICE_VALUES, UNNAMED, WORDS
from bot.flow.model import AskModel
from bot.flow.names import World, choice_keys
from bot.studio.completing.cursor import Cursor

_SET: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_SHOWN: Final = 60


class Option(Struct, frozen=True):
    """One thing that may stand there. `kind`: `key word value step flow answer choice source team contact need set text hole`;
    `more`: what it is, in words of the draft; `help`: the key it is explained under; `then`: what is written behind it.
    """

    label: str
    kind: str
    more: str = ""
    help: str = ""
    then: str = ""


class Names(Struct, frozen=True):
    """Where the cursor is, and what there is to name. `own`: (word, name) of the steps in the text as it is being written."""

    draft: Draft
    world: World
    flow: str
    at: Cursor
    own: tuple[tuple[str, str], ...]


Options: TypeAlias = Callable[[Names], Iterable[Option]]


def _flows(names: Names) -> Iterator[Option]:
    for flow in names.draft.flows.values():
        yield Option(flow.name, "flow", flow.head.title if flow.head else "")


def _steps(names: Names) -> Iterator[Option]:
    flow = names.draft.flows.get(names.flow)
    said = {text.id: text.text for text in names.draft.texts if text.id.startswith(f"{names.flow}.")} if flow else {}
    for word, name in names.own:
        if word not in UNNAMED:
            yield Option(name, "step", short(said.get(f"{names.flow}.{name}", word)))


def _targets(names: Names) -> Iterator[Option]:
    yield from _steps(names)
    yield from (Option(word, "word", help=word) for word in BARE_WORDS)
    yield from (option for option in _flows(names) if option.label != names.flow)


def _answers(names: Names) -> Iterator[Option]:
    own = dict.fromkeys((*(name for word, name in names.own if word in ("ask", "consent", "set")), *names.world.own.get(names.flow, {})))
    yield from (Option(name, "answer", _asked(names, name)) for name in own)
    yield from (Option(name, "answer", _asked(names, name)) for name in names.world.shared if name not in own)


def _asked(names: Names, name: str) -> str:
    facts = names.world.facts(names.flow, name)
    flow = names.draft.flows.get(
        names.flow if names.flow and name in names.world.own.get(names.flow, {}) else facts.first_in if facts else ""
    )
    step = flow.step(name) if flow else None
    return short(step.model.text) if step is not None and isinstance(step.model, AskModel) else ""


def _condition(names: Names) -> Iterator[Option]:
    """A name, what may follow a name, or a value that the named answer can have."""
    words = names.at.line.rsplit("if:", 1)[-1].replace("/", " / ").replace("(", " ").split()
    done = words[:-1] if words and names.at.line[-1:] not in " /(" else words
    last = done[-1] if done else ""
    if last in ("is", "has", "/") or (last == "not" and done[-2:-1] == ["is"]):
        name = next((word for word in reversed(done) if word not in ("is", "not", "has", "/") and not _is_value(done, word)), "")
        yield from _values_of(names, name)
        if last == "is":
            yield Option("not", "value")
    elif last in ("", "and", "or", "not", "known"):
        yield from _answers(names)
        if last != "known":
            yield from (Option(word, "value") for word in ("known", "not", "language", "now", "heard"))
            yield from (Option(f"team.{team}", "team") for team in sorted(names.world.teams))
    else:
        yield from (Option(word, "value") for word in ("is", "is not", "has", "and", "or", "<", "<=", ">", ">="))


def _is_value(words: list[str], word: str) -> bool:
    """Whether a word of a condition stands behind `is`, `has` or a stroke."""
    at = len(words) - 1 - words[::-1].index(word)
    return at > 0 and words[at - 1] in ("is", "not", "has", "/")


def _values_of(names: Names, name: str) -> Iterator[Option]:
    named = names.world.scope(names.flow).named(name) if name else None
    if isinstance(named, Named):
        yield from (Option(value, "choice") for value in sorted(named.values or ()))


def _set_values(names: Names) -> Iterator[Option]:
    return _values_of(names, names.at.step.get("set", ""))


def _choices(names: Names) -> Iterator[Option]:
    """The choices of the ask the cursor is in, as they are being written, else as they were."""
    sets = names.world.sets
    written = names.at.step.get("choices", "")
    keys: Iterable[str] = names.at.inner.get("choices", ())
    if not keys and _SET.fullmatch(written):
        keys = sets.get(written, {})
    elif not keys and written.startswith("{"):
        keys = re.findall(r"[{,]\s*['\"]?([a-z][a-z0-9-]*)['\"]?\s*:", written)
    if not keys:
        flow = names.draft.flows.get(names.flow)
        step = flow.step(names.at.step.get("ask", "")) if flow else None
        keys = choice_keys(step.model, sets) if step is not None and isinstance(step.model, AskModel) else ()
    other = {*names.at.inner.get("go", ()), *names.at.inner.get("call", ())}
    yield from (Option(key, "choice") for key in keys if key not in other)
    if names.at.step.get("skip") == "yes" and "skip" not in other:
        yield Option("skip", "choice")


def _sets(names: Names) -> Iterator[Option]:
    yield from (Option(name, "set", short(" · ".join(listed.values()))) for name, listed in names.world.sets.items())


def _needs(names: Names) -> Iterator[Option]:
    return (Option(need, "need") for need in (names.draft.directory.needs if names.draft.directory else ()))


def _sources(names: Names) -> Iterator[Option]:
    return (Option(source, "source") for source in (names.draft.sources.sources if names.draft.sources else ()))


def _teams(names: Names) -> Iterator[Option]:
    teams = names.draft.teams
    return (Option(name, "team", team.name) for name, team in teams.teams.items()) if teams else iter(())


def _recipients(names: Names) -> Iterator[Option]:
    yield from _teams(names)
    directory = names.draft.directory
    yield from (Option(id_, "contact", directory.contacts[id_].name) for id_, takes in names.world.contacts.items() if takes and directory)
    yield Option("me", "value")


def _alerted(names: Names) -> Iterator[Option]:
    yield from (Option(each, "value") for each in ("second-line", "on-call"))
    yield from _teams(names)


def _consents(names: Names) -> Iterator[Option]:
    return (Option(name, "step") for word, name in names.own if word == "consent")


def _languages(names: Names) -> Iterator[Option]:
    return (Option(language, "value") for language in (names.draft.bot.languages if names.draft.bot else ("ar", "fr", "en")))


def _countries(names: Names) -> Iterator[Option]:
    bot = names.draft.bot
    return (Option(code, "value", country.name) for code, country in bot.countries.items()) if bot else iter(())


def _places(names: Names) -> Iterator[Option]:
    bot = names.draft.bot
    places = {key: text for country in bot.countries.values() for key, text in country.places.items()} if bot else {}
    return (Option(key, "value", text) for key, text in places.items())


def _all_answers(names: Names) -> Iterator[Option]:
    asked = {name: None for own in names.world.own.values() for name in own} | dict.fromkeys(names.world.shared)
    return (Option(name, "answer") for name in asked)


def _listed(kind: str, *values: str) -> Options:
    options = tuple(Option(value, kind) for value in values)
    return lambda names: options  # noqa: ARG005 every list is asked with the names


def holes(names: Names) -> Iterator[Option]:
    """What a text may say back."""
    yield from (Option(name, "hole", then="}") for name in sorted(SERVICE_VALUES))
    yield from (Option(name, "hole", then="}") for name, facts in names.world.shared.items() if facts.asked and not facts.private)
    yield from (Option(f"number.{need}", "hole", then="}") for need in sorted(names.world.needs))
    for team in sorted(names.world.teams):
        yield from (Option(f"team.{team}.{what}", "hole", then="}") for what in ("next", "first-answer"))


_TIMES: Final = _listed("value", "30 minutes", "1 hour", "24 hours", "2 days", "7 days", "30 days")
_DAYS: Final = _listed("value", *DAYS, "mon-fri", "sun-thu", "sat-fri")
_SCRIPTS: Final = _listed("key", "en", "fr", "ar", "ar-latn")
TEXTS: Final = frozenset({"text", "help", "none"})
"""Keys whose values are texts that people receive."""
VALUES: Final[Mapping[tuple[str, ...], Options]] = MappingProxyType(
    {
        ("flow", "only-from", "#"): _flows,
        **{(word, "if"): _condition for word in (*WORDS, "")},
        **{(word, "source"): _sources for word in ("say", "ask")},
        **{(word, "source", "#"): _sources for word in ("say", "ask")},
        ("pages", "list", "#", "source"): _sources,
        ("pages", "list", "#", "source", "#"): _sources,
        ("ask", "choices"): _sets,
        ("ask", "otherwise"): _targets,
        ("ask", "go", "*"): _targets,
        ("ask", "call", "*"): _flows,
        ("contacts", "need"): _needs,
        ("contacts", "country"): _countries,
        ("consent", "to"): _recipients,
        ("consent", "shows", "#"): _answers,
        ("consent", "no"): _targets,
        ("consent", "keep"): _TIMES,
        ("handoff", "with"): _consents,
        ("handoff", "to"): _teams,
        ("handoff", "after"): _targets,
        ("decide", "rows", "#", "if"): _condition,
        ("decide", "rows", "#", "go"): _targets,
        ("decide", "rows", "#", "source"): _sources,
        ("decide", "rows", "#", "source", "#"): _sources,
        ("go", "go"): _targets,
        ("call", "call"): _flows,
        ("set", "set"): _answers,
        ("set", "to"): _set_values,
        ("remind", "with"): _consents,
        ("remind", "in"): _TIMES,
        ("bot", "first"): _flows,
        ("bot", "on", "*"): _flows,
        ("bot", "source"): _languages,
        ("bot", "languages", "#"): _languages,
        ("bot", "shared", "#"): _all_answers,
        ("words", "danger", "*", "flow"): _flows,
        ("teams", "teams", "*", "languages", "#"): _languages,
        ("teams", "teams", "*", "alert", "#", "to"): _alerted,
        ("teams", "teams", "*", "alert", "#", "after"): _TIMES,
        ("teams", "teams", "*", "first-answer"): _TIMES,
        **{("teams", "teams", "*", hours, "*", "#", "days"): _DAYS for hours in ("hours", "ramadan")},
        ("directory", "contacts", "*", "country"): _countries,
        ("directory", "contacts", "*", "needs", "#"): _needs,
        ("directory", "contacts", "*", "places", "#"): _places,
        ("directory", "contacts", "*", "languages", "#"): _languages,
        ("directory", "contacts", "*", "source"): _sources,
        ("directory", "contacts", "*", "accepts"): _listed("value", "referral"),
        ("directory", "contacts", "*", "accepts", "#"): _listed("value", "referral"),
        ("replies", "replies", "*", "teams", "#"): _teams,
        ("replies", "replies", "*", "needs", "#"): _flows,
    }
)  # fmt: skip
"""Place → what its value may be."""
KEYS: Final[Mapping[tuple[str, ...], Options]] = MappingProxyType(
    {
        ("ask", "go"): _choices,
        ("ask", "call"): _choices,
        ("bot", "texts"): _listed("key", *ENGINE_TEXTS),
        ("words", "global"): _listed("key", *GLOBAL_WORDS),
        ("words", "global", "*"): _SCRIPTS,
        ("words", "answers", "*"): _SCRIPTS,
        ("words", "danger", "*", "words"): _SCRIPTS,
        ("words", "danger", "*", "unless"): _SCRIPTS,
        **{("teams", "teams", "*", hours): _countries for hours in ("hours", "ramadan")},
        ("teams", "calendar"): _countries,
    }
)  # fmt: skip
"""Place → keys that authors choose among."""


def short(text: str) -> str:
    """A text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
