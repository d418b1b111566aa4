"""What may be written where the cursor stands, and what a word there means: keys of the step's word, and names that there are.

Rule 1: only what the check would take is offered; a name is offered with what it is, so that nobody must remember it.
Rule 2: never raises, on any text and at any place of it: a file is broken most of the time while it is written.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from bot.checks.chatfile import HEAD
from bot.flow.bundle import Bundle
from bot.flow.draft import Draft, DraftFlow
from bot.flow.language import BARE_WORDS, GLOBAL_WORDS, WORDS
from bot.flow.names import gather
from bot.studio.bundle.compiled import compiled
from bot.studio.completing.cursor import Cursor, cursor
from bot.studio.completing.keys import help_at, keys_at, kind_of, place, values_at, word_of
from bot.studio.completing.offered import KEYS, TEXTS, VALUES, Names, Option, Options, holes, short

MOST: Final = 400
_STEP: Final = re.compile(
    r"^ *(?:- *)?(ask|say|pages|contacts|consent|handoff|decide|remind|set): *([a-z][a-z0-9-]{0,39}) *$", re.MULTILINE
)
_BRACE: Final = re.compile(r"\{([a-z0-9.-]*)$")
_LAST_WORD: Final = re.compile(r"[^\s/(]*$")
_CHECKS: Final = ("has", "not", "state", "case", "kept", "language", "at")
_UNSAID: Final = ("button", "title", "label", "name")


class Completed(Struct, frozen=True):
    """What may stand at a place. `typed`: what is begun there already, and is replaced."""

    typed: str = ""
    options: tuple[Option, ...] = ()


def complete(bundle: Bundle, file: str, before: str, after: str = "") -> Completed:
    """What may stand between two halves of a file of the bundle that is being written."""
    kind = kind_of(file)
    if kind == "catalog":
        return Completed()
    draft = compiled(bundle).draft
    if kind == "chat":
        return _chat(draft, before)
    flow = file.removeprefix("flows/").removesuffix(".yaml") if kind == "flow" else ""
    own = tuple(dict.fromkeys((found[1], found[2]) for found in _STEP.finditer(before + after))) if kind == "flow" else ()
    return _completed(kind, Names(draft, gather(draft, frozenset(draft.flows)), flow, cursor(before, after), own))


def explain(bundle: Bundle, file: str, before: str, word: str, after: str = "") -> Option | None:
    """What a word of a file means, that stands between these two halves; None when it is the author's own."""
    found = complete(bundle, file, before, after)
    return next((option for option in found.options if option.label.removeprefix("- ") == word), None)


def _completed(kind: str, names: Names) -> Completed:
    at = names.at
    hole = _BRACE.search(at.line)
    if hole and (at.mode == "text" or (at.mode == "value" and at.path[-1:] and at.path[-1] in TEXTS)):
        return Completed(hole[1], tuple(holes(names))[:MOST])
    if at.mode in ("key", "item", "value"):
        typed = _LAST_WORD.search(at.typed)
        begun = typed.group() if typed and at.path[-1:] == ("if",) else at.typed
        return Completed(begun, tuple(dict.fromkeys(_options(kind, names)))[:MOST])
    return Completed()


def _options(kind: str, names: Names) -> Iterator[Option]:
    at, word = names.at, word_of(names.at.step)
    here = place(kind, at.path, word)
    if at.mode in ("key", "item"):
        yield from _words(kind, at)
        yield from _keys(kind, at, word)
        for option in _named(KEYS, here, names):
            if option.label not in at.beside:
                yield Option(option.label, option.kind, option.more, option.help, ": ")
    if at.mode in ("value", "item"):
        yield from (Option(value, "value", help=value if value in BARE_WORDS else "") for value in values_at(kind, at.path, word))
        yield from _named(VALUES, here, names)


def _words(kind: str, at: Cursor) -> Iterator[Option]:
    """The words of steps, where a step is begun with its dash."""
    if kind == "flow" and at.path == ("steps",):
        yield from (Option(f"- {each}", "word", help=f"{each}.{each}", then=": ") for each in WORDS)
        yield from (Option(f"- {each}", "word", help=each) for each in BARE_WORDS)
    if kind == "flow" and at.path == ("steps", "#") and not word_of(at.step) and "if" not in at.step:
        yield Option("if", "key", help="step.if", then=": ")


def _keys(kind: str, at: Cursor, word: str) -> Iterator[Option]:
    for key in keys_at(kind, at.path, word):
        if key not in at.beside or key == at.typed:
            sort = "word" if key in WORDS and at.path == ("steps", "#") and not word else "key"
            yield Option(key, sort, help=help_at(kind, at.path, word, key), then=": ")


def _named(table: Mapping[tuple[str, ...], Options], here: tuple[str, ...], names: Names) -> Iterator[Option]:
    for pattern, options in table.items():
        if len(pattern) == len(here) and all(want in ("*", part) for want, part in zip(pattern, here, strict=True)):
            yield from options(names)


def _chat(draft: Draft, before: str) -> Completed:
    """What may stand in a conversation of an author: ids of texts, keys of buttons, checks."""
    line = before.rpartition("\n")[2]
    bare = line.strip()
    typed = re.search(r"[^\s\[]*$", line)
    begun = typed.group() if typed else ""
    if bare.startswith("<") and "[" not in bare:
        said = (Option(text.id, "text", short(text.text)) for text in draft.texts if text.kind not in _UNSAID)
        return Completed(begun, tuple(said)[: 4 * MOST])
    if "[" in bare and bare[:1] in ("<", ">"):
        keys = dict.fromkeys((*(text.id.rpartition(".")[2] for text in draft.texts if text.kind == "button"), *GLOBAL_WORDS))
        return Completed(begun, tuple(Option(key, "choice", then="]") for key in keys)[:MOST])
    if re.match(r"\s*flow:", line):
        return Completed(begun, tuple(Option(name, "flow", _title(flow)) for name, flow in draft.flows.items()))
    return Completed(begun, tuple(_line(before))) if bare == begun else Completed()


def _line(before: str) -> Iterator[Option]:
    """How a line may begin: a check once somebody has written, else a line of the head."""
    yield from (Option("> ", "word", help="chat.writes"), Option("< ", "word", help="chat.comes"), Option("< ...", "word", help="chat.any"))
    for key in _CHECKS if "\n>" in f"\n{before}" else sorted(HEAD):
        yield Option(key, "key", help=f"chat.{key}", then=": ")


def _title(flow: DraftFlow) -> str:
    return flow.head.title if flow.head else ""
