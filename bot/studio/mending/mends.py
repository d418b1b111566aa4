"""What can be mended with one button, of what stands in the files: names, rows, steps, quotes, signs that cannot be seen.

Rule 1: a mend does what its button says and nothing else; it is an edit like any other, so it can be undone.
Rule 2: a mend is only a proposal until it is proved: made on a copy, it takes the problem away and brings none (`bot.studio.proof`).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from bot.flow.bundle import Bundle
from bot.flow.compiler import Compiled
from bot.flow.language import NAME_RE
from bot.flow.problem import Problem, nearest
from bot.flow.tree import Plain, plain
from bot.studio.bundle.whereabouts import Where
from bot.studio.comparing.changes import Called, Words
from bot.studio.comparing.naming import Names
from bot.studio.editing.edits import Confirm, Edit, Path, RemoveFile, RemoveStep, SetValue, WriteFile
from bot.studio.files.reading import value_at

_SHOWN: Final = re.compile("‹([^›…]+)›")
_BRACES: Final = re.compile(r"\{([a-z][a-z0-9.-]*)\}")
_UNSEEN: Final = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff]"
)
_KEY_AND_TEXT: Final = re.compile(r"^(\s*(?:- )?[A-Za-z][\w-]*: )(.+?)\s*$")
_WIDTHS: Final = (2, 4, 6, 8)
"""So many spaces a tab may have stood for."""
_BELOW: Final = 3
"""So many steps without a name go with the one above them at most."""
_NEAR: Final = 40
"""So many lines below a place are looked at for a word."""


class Mend(Struct, frozen=True):
    """One button: what it says, and the edits it makes."""

    says: Words
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One problem of a bundle, with all that a mend needs to know."""

    problem: Problem
    where: Where
    bundle: Bundle
    compiled: Compiled

    @property
    def text(self) -> str:
        """The file the problem stands in."""
        return self.bundle.get(self.problem.file, "")

    @property
    def quoted(self) -> tuple[str, ...]:
        """What the problem's sentence quotes, whole."""
        return tuple(_SHOWN.findall(self.problem.sentence))

    def step(self, *path: str) -> Path:
        """The path of something in the step that the problem stands in."""
        key = self.where.step
        return ("steps", key if key.startswith("#") else f"@{key}", *path)

    def value(self, path: Path) -> "Plain | None":
        """What stands at a path of the problem's file."""
        return value_at(self.bundle, self.problem.file, path)

    def write(self, text: str) -> tuple[Edit, ...]:
        """The problem's file, written so."""
        return (WriteFile(self.problem.file, text, self.text),)


def mends_of(case: Case) -> Iterator[Mend]:
    """Everything that might mend the problem, the best first; not proved yet."""
    if case.problem.suggestion:
        yield from _nearest(case)
    yield from _BY_RULE.get(case.problem.rule, _none)(case)


def _none(_: Case) -> Iterator[Mend]:
    yield from ()


def replaced(old: str, new: str) -> Words:
    """The words of a button that writes something in place of something."""
    return Words("explain.mend.replace", {"old": Called(old), "new": Called(new)})


# ── a word in its place ──
def _nearest(case: Case) -> Iterator[Mend]:
    """The name that was meant, in place of the one that stands there."""
    words = (*case.quoted, *(f"{{{name}}}" for name in _BRACES.findall(case.problem.sentence)))
    likely = nearest(case.problem.suggestion, words)
    for word in sorted(words, key=lambda word: word != likely):
        new = f"{{{case.problem.suggestion}}}" if word.startswith("{") else case.problem.suggestion
        text = _with(case, word, new)
        if text is not None:
            yield Mend(replaced(word, new), case.write(text))
            return


def _with(case: Case, old: str, new: str) -> str | None:
    """The file with the first such word at or below the place written anew; None if there is none near."""
    lines = case.text.split("\n")
    first = case.problem.line - 1
    word = re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])") if old[0].isalnum() else re.compile(re.escape(old))
    for number in range(first, min(first + _NEAR, len(lines))):
        found = word.search(lines[number], case.problem.column - 1 if number == first else 0)
        if found:
            line = lines[number]
            return "\n".join((*lines[:number], line[: found.start()] + new + line[found.end() :], *lines[number + 1 :]))
    return None


def _name(case: Case) -> Iterator[Mend]:
    for word in case.quoted[:1]:
        new = re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")
        text = _with(case, word, new) if NAME_RE.fullmatch(new) and new != word else None
        if text is not None:
            yield Mend(replaced(word, new), case.write(text))


def _known(case: Case) -> Iterator[Mend]:
    """`age < 18` → `known age and (age < 18)`."""
    name = next(iter(case.quoted), "")
    line = case.text.split("\n")[case.problem.line - 1] if case.problem.line <= case.text.count("\n") + 1 else ""
    found = re.match(r"[\"']?([^,}\"'#]+)", line[case.problem.column - 1 :])
    if name and found:
        old = found[1].strip()
        new = f"known {name} and {f'({old})' if ' or ' in old else old}"
        text = _with(case, old, new)
        if text is not None:
            yield Mend(replaced(old, new), case.write(text))


# ── lines ──
def _unreadable(case: Case) -> Iterator[Mend]:
    for width in _WIDTHS:
        clean = _UNSEEN.sub("", case.text.replace("\t", " " * width))
        if clean != case.text:
            yield Mend(Words("explain.mend.spaces"), case.write(clean))
    yield from _quotes(case)


def _quotes(case: Case) -> Iterator[Mend]:
    """The text of this line whole, in quotes; a comment behind a text that has quotes already goes above it."""
    lines = case.text.split("\n")
    at = case.problem.line - 1
    found = _KEY_AND_TEXT.match(lines[at]) if at < len(lines) else None
    if found is None:
        return
    key, text = found[1], found[2]
    if text[0] in "\"'|>" and " #" in text:
        bare, _, comment = text.rpartition(" #")
        indent = key[: len(key) - len(key.lstrip())]
        written = [f"{indent}#{comment}", f"{key}{bare.rstrip()}"]
    elif text[0] in "\"'|>[{":
        return
    else:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        written = [f'{key}"{escaped}"']
    yield Mend(Words("explain.mend.quotes"), case.write("\n".join((*lines[:at], *written, *lines[at + 1 :]))))


def _end(case: Case) -> Iterator[Mend]:
    yield Mend(Words("explain.mend.end"), case.write(case.text.rstrip("\n") + "\n  - end\n"))


# ── steps and keys ──
def _remove_step(case: Case) -> Iterator[Mend]:
    """The step, and of those below it that have no name as many as nothing else leads to; from below, so that no place moves."""
    flow = case.compiled.draft.flows.get(case.where.flow)
    step = flow.step(case.where.step) if flow is not None else None
    if flow is None or step is None:
        return
    gone = [step.key]
    for below in (*flow.steps[step.index + 1 : step.index + 1 + _BELOW], None):
        yield Mend(Words("explain.mend.remove-step"), tuple(RemoveStep(flow.name, key) for key in reversed(gone)))
        if below is None or not below.key.startswith("#"):
            return
        gone.append(below.key)


def _remove_flow(case: Case) -> Iterator[Mend]:
    yield Mend(Words("explain.mend.remove-flow"), (RemoveFile(case.problem.file, case.text),))


def _remove_key(case: Case) -> Iterator[Mend]:
    """A key of a step that cannot stand there."""
    for key in ("private", "heard", "many", *case.quoted[:1]):
        path = case.step(key)
        was = case.value(path) if case.where.step else None
        line = case.text.split("\n")[case.problem.line - 1 :][:1]
        if was is not None and line and f"{key}:" in line[0]:
            yield Mend(Words("explain.mend.remove-key", {"old": Called(key)}), (SetValue(case.problem.file, path, None, was),))
            return


# ── decisions ──
def _else(case: Case) -> Iterator[Mend]:
    """A last row for everybody else, on to the step below, resting on what the row above rests on."""
    rows = case.value(case.step("rows"))
    flow = case.compiled.draft.flows.get(case.where.flow)
    step = flow.step(case.where.step) if flow is not None else None
    if flow is None or step is None or not isinstance(rows, list) or not isinstance(last := rows[-1], dict) or "if" not in last:
        return
    below = flow.steps[step.index + 1] if step.index + 1 < len(flow.steps) else None
    to = below.key if below is not None and not below.key.startswith("#") else "end"
    row: dict[str, Plain] = {"go": to, **({"source": last["source"]} if "source" in last else {})}
    says = Words("explain.mend.else-row", {"to": Names(case.bundle).target(case.where.flow, to)})
    yield Mend(says, (SetValue(case.problem.file, case.step("rows", f"#{len(rows)}"), row, None),))


def _source(case: Case) -> Iterator[Mend]:
    """The source of the step that the row leads to, else of the rows beside it."""
    rows = case.value(case.step("rows"))
    if not isinstance(rows, list):
        return
    bare = [number for number, row in enumerate(rows) if isinstance(row, dict) and not row.get("source")]
    line = {number: case.compiled.draft.at(case.problem.file, *_numbers(case, number)).line for number in bare}
    number = next((number for number in bare if line[number] == case.problem.line), None)
    row = None if number is None else rows[number]
    if not isinstance(row, dict) or number is None:
        return
    beside = [other.get("source") for other in rows if isinstance(other, dict)]
    led = case.value(("steps", f"@{row.get('go', '')}", "source"))
    for source in dict.fromkeys(str(word) if isinstance(word, str) else repr(word) for word in (led, *beside) if word):
        there = next(word for word in (led, *beside) if word and source in (word, repr(word)))
        shown = there if isinstance(there, str) else ", ".join(map(str, there or ()))
        edit = SetValue(case.problem.file, case.step("rows", f"#{number}", "source"), there, row.get("source"))
        yield Mend(Words("explain.mend.source", {"source": Called(shown)}), (edit,))
        return


def _numbers(case: Case, row: int) -> tuple[str | int, ...]:
    flow = case.compiled.draft.flows[case.where.flow]
    step = flow.step(case.where.step)
    return ("steps", step.index if step is not None else 0, "rows", row)


# ── translations and words ──
def _confirm(case: Case) -> Iterator[Mend]:
    source = next((text.text for text in case.compiled.draft.texts if text.id == case.where.text), None)
    if source is not None:
        yield Mend(Words("explain.mend.confirm"), (Confirm(case.where.text, case.where.language, source),))


def _spelling(case: Case) -> Iterator[Mend]:
    words = case.compiled.draft.trees.get(case.problem.file)
    listed = plain(words) if words is not None else None
    known = listed.get("global") if isinstance(listed, dict) else None
    for name, scripts in known.items() if isinstance(known, dict) else ():
        for script, spellings in scripts.items() if isinstance(scripts, dict) else ():
            for number, spelling in enumerate(spellings if isinstance(spellings, list) else ()):
                place = case.compiled.draft.at(case.problem.file, "global", name, script, number)
                if (place.line, place.column) == (case.problem.line, case.problem.column):
                    edit = SetValue(case.problem.file, ("global", name, script, f"#{number}"), None, spelling)
                    yield Mend(Words("explain.mend.spelling"), (edit,))


_BY_RULE: Final[Mapping[str, Callable[[Case], Iterator[Mend]]]] = {
    "yaml": _unreadable,
    "comment-cuts-text": _quotes,
    "name": _name,
    "may-be-unknown": _known,
    "no-end": _end,
    "unreachable": _remove_step,
    "remind-without-consent": _remove_step,
    "unreachable-flow": _remove_flow,
    "private": _remove_key,
    "one-kind": _remove_key,
    "no-such-key": _remove_key,
    "decide-else": _else,
    "no-source": _source,
    "stale-translation": _confirm,
    "two-meanings": _spelling,
}
