"""A file of YAML changed at a path, with the line breaks that it has.

Rule 1: the lines that a change is not about keep their bytes, also in a file with CR LF, with a BOM, without a last line break.
Rule 2: nothing raises on any text; what cannot be is None.
"""

from difflib import SequenceMatcher

from bot.flow.outline import Outline, outline
from bot.flow.source import as_read
from bot.flow.tree import Plain
from bot.studio.files.refit import Path, bare, with_value

BOM = "\ufeff"


def changed(file: str, text: str, path: Path, value: "Plain | None") -> str | None:
    """The file with this value at the path (None: nothing there). None: there is no such place, or the value cannot stand there."""
    seen = outline(text)
    if seen.root is None:
        return None
    path = _numbered(seen, path)
    new = with_value(file, seen.text, path, value)
    return None if new is None or not _says(new, path, value) else as_it_was(text, new)


def as_it_was(text: str, new: str) -> str:
    """The new text with the BOM and the line breaks that the old one has."""
    bom = BOM if text.startswith(BOM) else ""
    if "\r\n" not in text:
        return bom + new
    was = text.removeprefix(BOM).split("\n")
    most = "\r" if 2 * text.count("\r\n") > text.count("\n") else ""
    ends = [*("\r" if line.endswith("\r") else "" for line in was[:-1]), most]
    lines = new.split("\n")
    found = [most] * len(lines)
    for tag, start, end, first, last in SequenceMatcher(None, as_read(text).split("\n"), lines, autojunk=False).get_opcodes():
        if tag == "equal":
            found[first:last] = ends[start:end]
    found[-1] = ""
    return bom + "\n".join(line + end for line, end in zip(lines, found, strict=True))


def _numbered(seen: Outline, path: Path) -> Path:
    """The path with numbers for names: the name itself may be what changes."""
    parts: list[str] = []
    for part in path:
        found = seen.spot((*parts, part)) if part.startswith("@") else None
        parts.append(part if found is None else f"#{found.number}")
    return tuple(parts)


def _says(text: str, path: Path, value: "Plain | None") -> bool:
    seen = outline(text)
    if seen.root is None:
        return False
    node = seen.node(path)
    return value is None or (node is not None and bare(node) == value)
