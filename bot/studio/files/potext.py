"""A catalog as text, entry by entry, so that one of them can be written anew and the bytes of the rest stay.

Rule 1: what an editor of PO files wrote in its own way (wrapping, further flags, comments) is kept where it is not changed.
Rule 2: reading never raises; lines that are no entry are kept as they are.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from bot.i18n.catalog import Entry, block_of, obsolete_block_of
from bot.i18n.plurals import form_count, plural_of, read_header

_WORD: Final = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)[ ]*("(?:.*)")[ ]*$')
_MARK: Final = re.compile(r"#[.:,|]?")
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r"}
_ORDER: Final = ("#", "#.", "#:", "#,", "#|", "msgctxt", "msgid", "msgid_plural", "msgstr")

Parts = Mapping[str, tuple[str, ...]]
"""Kind of line → its lines, with those that go on below it."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines of a catalog, and the empty lines below them. `entry`: None for the header, and for what is no entry."""

    lines: tuple[str, ...]
    gap: tuple[str, ...] = ("",)
    entry: Entry | None = None
    obsolete: bool = False
    order: tuple[int, ...] = ()
    """For each plural form its place in the file, where the header puts them in another order than ours."""

    @property
    def live(self) -> Entry | None:
        """The entry, if its text is not gone."""
        return None if self.obsolete else self.entry


@lru_cache(maxsize=32)
def blocks_of(text: str, language: str) -> tuple[Block, ...]:
    """The blocks of a catalog (one LF a line). The last texts are remembered."""
    order: tuple[int, ...] | None = None
    found = []
    for lines, gap in _split(text.split("\n")):
        if order is None and "msgctxt" not in "".join(lines) and any(line.startswith("msgid") for line in lines):
            order = _order_of_forms(lines, language)
            found.append(Block(lines, gap))
            continue
        obsolete = any(line.startswith("#~") for line in lines)
        entry = _entry(_parts([line.removeprefix("#~").lstrip(" ") if obsolete else line for line in lines]), order)
        counts = entry is not None and entry.plural is not None and order is not None and order != tuple(range(len(order)))
        found.append(Block(lines, gap, entry, obsolete, order if order and counts else ()))
    return tuple(found)


def text_of_blocks(blocks: Sequence[Block], tail: tuple[str, ...]) -> str:
    """The catalog of these blocks. `tail`: the empty lines at its end."""
    lines: list[str] = []
    for number, block in enumerate(blocks):
        lines += block.lines
        lines += tail if number == len(blocks) - 1 else block.gap or ("",)
    return "\n".join(lines)


def new_block(entry: Entry, *, obsolete: bool = False) -> Block:
    """The block of an entry that was not there."""
    text = obsolete_block_of(entry) if obsolete else block_of(entry)
    return Block(tuple(text.rstrip("\n").split("\n")), entry=entry, obsolete=obsolete)


def rewritten(block: Block, entry: Entry) -> Block:
    """The block with another entry; lines that say the same stay."""
    old = block.entry
    if old is None or old == entry:
        return block
    fresh, stood = (new_block(replace(each, forms=_as_in_file(each.forms, block.order))) for each in (entry, old))
    if block.lines == stood.lines:
        return replace(block, lines=fresh.lines, entry=entry)
    was, plain, new = _parts(block.lines), _parts(stood.lines), _parts(fresh.lines)
    kept = {kind: was.get(kind, ()) if plain.get(kind) == new.get(kind) else new.get(kind, ()) for kind in _ORDER}
    kept["#,"] = _flags(was.get("#,", ()), fuzzy=entry.fuzzy)
    return replace(block, lines=tuple(line for kind in _ORDER for line in kept[kind]), entry=entry)


def _as_in_file(forms: tuple[str, ...], order: tuple[int, ...]) -> tuple[str, ...]:
    if not order:
        return forms
    placed = dict(zip(order, forms, strict=False))
    return tuple(placed.get(place, "") for place in range(max(order) + 1))


def _split(lines: Sequence[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Blocks: up to an empty line, or to what can only begin another entry."""
    block: list[str] = []
    gap: list[str] = []
    said = False
    for line in lines:
        bare = line.removeprefix("#~").strip()
        begins = said and not bare.startswith(('"', "msgstr"))
        if block and (gap or begins) and line.strip():
            yield tuple(block), tuple(gap)
            block, gap, said = [], [], False
        (block if line.strip() or not block else gap).append(line)
        said = said or bare.startswith("msgstr")
    if block:
        yield tuple(block), tuple(gap)


def _parts(lines: Iterable[str]) -> Parts:
    parts: dict[str, list[str]] = {}
    kind = "#"
    for line in lines:
        mark, word = _MARK.match(line), _WORD.match(line)
        if mark:
            kind = mark.group()
        elif word:
            kind = word[1].partition("[")[0]
        parts.setdefault(kind, []).append(line)
    return {kind: tuple(lines) for kind, lines in parts.items()}


def _entry(parts: Parts, order: tuple[int, ...] | None) -> Entry | None:
    context, source = _words(parts.get("msgctxt", ())), _words(parts.get("msgid", ()))
    if not context or not source:
        return None
    forms = tuple(text for _, text in sorted(_words(parts.get("msgstr", ()))))
    plural = _words(parts.get("msgid_plural", ()))
    if plural and order is not None:
        forms = tuple(forms[place] if place < len(forms) else "" for place in order)
    previous = [line[2:].strip() for line in parts.get("#|", ())]
    before = _words([line for line in previous if line.startswith(("msgid ", '"'))][_after_context(previous) :])
    return Entry(
        context=context[0][1],
        source=source[0][1],
        forms=forms or ("",),
        fuzzy=any("fuzzy" in re.split(r"[,\s]+", line[2:]) for line in parts.get("#,", ())),
        plural=plural[0][1] if plural else None,
        previous=before[0][1] if before else None,
        places=tuple(_place(word) for line in parts.get("#:", ()) for word in line[2:].split()),
        notes=tuple(line[2:].strip() for line in parts.get("#.", ())),
        comments=tuple(line[1:].strip() for line in parts.get("#", ())),
    )


def _after_context(previous: Sequence[str]) -> int:
    """How many lines a previous context goes on below its first, which come before the previous source."""
    count = 0
    for line in previous:
        if line.startswith("msgid "):
            return count
        count += line.startswith('"')
    return 0


def _words(lines: Iterable[str]) -> list[tuple[int, str]]:
    """The texts of lines such as `msgstr[1] "…"`, with their numbers."""
    found: list[tuple[int, list[str]]] = []
    for line in lines:
        word = _WORD.match(line)
        if word:
            number = word[1].partition("[")[2].rstrip("]")
            found.append((int(number) if number else 0, [word[2]]))
        elif found:
            found[-1][1].append(line.strip())
    return [(number, "".join(_said(part) for part in parts)) for number, parts in found]


def _said(quoted: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), quoted[1:-1])


def _place(word: str) -> tuple[str, int]:
    file, _, line = word.rpartition(":")
    return (file, int(line)) if file and line.isascii() and line.isdecimal() else (word, 0)


def _flags(lines: Sequence[str], *, fuzzy: bool) -> tuple[str, ...]:
    flags = [flag for line in lines for flag in re.split(r"[,\s]+", line[2:]) if flag and flag != "fuzzy"]
    named = (["fuzzy"] if fuzzy else []) + flags
    return ("#, " + ", ".join(named),) if named else ()


def _order_of_forms(lines: Sequence[str], language: str) -> tuple[int, ...] | None:
    """For each form of the language its place in the file, by the header that it has."""
    said = "".join(_said(line.strip()) for line in lines if line.startswith('"'))
    header = re.search(r"^Plural-Forms:\s*(.*)$", said, re.MULTILINE)
    try:
        count, function = read_header(header[1] if header else "")
    except ValueError:
        return None
    order: dict[int, int] = {}
    for n in range(1001):
        order.setdefault(plural_of(language)(n), function(n))
    return tuple(min(order.get(form, form), count - 1) for form in range(form_count(language)))
