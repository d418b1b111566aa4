"""Catalogs: one PO file is one language of one kind of text.

Rule 1: the context (`flow.step`) is the identity of a text; the msgid is its source, the msgstr its translation.
Rule 2: an entry that is fuzzy or has an empty form is not a translation: nobody is shown it.
Rule 3: reading what was written gives the same catalog, and writing it again gives the same bytes: no dates, no wrapping, in the order
of the sources. A file is named without its line, so that a line put in changes no other entry.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from types import MappingProxyType

from babel.messages.catalog import Catalog as BabelCatalog
from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, denormalize, normalize, read_po

from bot.i18n.plurals import form_count, plural_header, plural_of, read_header
from bot.i18n.units import UNIT_CONTEXTS, UnitForms

Place = tuple[str, int]
"""A file and a line, where a text stands; line 0 says only which file."""


class CatalogError(ValueError):
    """A PO file that cannot be read; `line` counts from 1."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(f"line {line}: {sentence}")
        self.line = line
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One text. `plural`: the source for several, if it counts. `previous`: the source that a stale translation was made from."""

    context: str
    source: str
    forms: tuple[str, ...]
    fuzzy: bool = False
    plural: str | None = None
    previous: str | None = None
    places: tuple[Place, ...] = ()
    notes: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)

    @property
    def is_done(self) -> bool:
        """Whether it is translated whole, and from the source as it is."""
        return not self.fuzzy and bool(self.forms) and all(self.forms)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All texts of one language. `obsolete`: translations whose text is gone, kept in case it comes back."""

    language: str
    entries: Mapping[str, Entry]
    obsolete: tuple[Entry, ...] = ()

    def said(self) -> Mapping[str, str]:
        """Context → translation, of the entries that are done and do not count."""
        done = (entry for entry in self.entries.values() if entry.is_done and entry.plural is None)
        return MappingProxyType({entry.context: entry.forms[0] for entry in done})

    def units(self) -> UnitForms:
        """Counted words by unit, of those that are done, so that `Texts.of` can count in this language."""
        found = {unit: self.entries.get(context) for unit, context in UNIT_CONTEXTS.items()}
        return MappingProxyType({unit: entry.forms for unit, entry in found.items() if entry is not None and entry.is_done})


def read_catalog(po_text: str, language: str) -> Catalog:
    """The catalog of a PO file's text; raises `CatalogError` when it is no PO file."""
    read = _parse(po_text, language)
    order = _order_of_forms(read, language)
    entries: dict[str, Entry] = {}
    for message in read:
        if message.id:
            entry = _entry(message, order, language)
            if entry.context in entries:
                raise CatalogError(entry.line, f"{entry.context} stands twice")
            entries[entry.context] = entry
    obsolete = tuple(_entry(message, order, language) for message in read.obsolete.values())
    return Catalog(language, MappingProxyType(entries), obsolete)


def write_catalog(catalog: Catalog) -> str:
    """The text of a PO file, always the same for the same catalog."""
    blocks = [header_of(catalog.language)]
    blocks += [block_of(entry) for entry in catalog.entries.values()]
    blocks += [obsolete_block_of(entry) for entry in sorted(catalog.obsolete, key=lambda entry: (entry.context, entry.source))]
    return "\n".join(blocks)


def block_of(entry: Entry) -> str:
    """The lines of one entry, the last with its line break."""
    return _block(entry, "")


def obsolete_block_of(entry: Entry) -> str:
    """The lines of an entry whose text is gone."""
    return _block(entry, "#~ ")


def _parse(po_text: str, language: str) -> BabelCatalog:
    # Babel goes by the Language header, which a tool may have got wrong; the folder of the file is what counts.
    lines = ("\n" if line.startswith('"Language: ') else line for line in StringIO(po_text.removeprefix("\ufeff")))
    try:
        return read_po(lines, locale=language, abort_invalid=True)
    except PoFileError as error:
        raise CatalogError(error.lineno + 1, str(error) or "this is no line of a PO file") from error
    except (ValueError, IndexError, AttributeError, TypeError, KeyError) as error:
        raise CatalogError(1, "this is no PO file") from error


def _order_of_forms(read: BabelCatalog, language: str) -> tuple[int, ...]:
    """For each form of the language, its place in the file, by the header that the file has."""
    headers = dict(read.mime_headers)
    try:
        count, function = read_header(headers.get("Plural-Forms", plural_header(language)))
    except ValueError as error:
        raise CatalogError(1, "the plural header cannot be read") from error
    ours = plural_of(language)
    order: dict[int, int] = {}
    for n in range(1001):
        order.setdefault(ours(n), function(n))
    return tuple(min(order.get(form, form), count - 1) for form in range(form_count(language)))


def _entry(message: Message, order: tuple[int, ...], language: str) -> Entry:
    source, *plurals = _several(message.id)
    forms = _several(message.string)
    if plurals:
        forms = tuple(forms[place] if place < len(forms) else "" for place in order)
    comments, previous = _comments(message.user_comments)
    line = message.lineno or 0
    if not message.context:
        raise CatalogError(line, f"a text of {language} has no msgctxt")
    return Entry(
        context=message.context,
        source=source,
        forms=forms,
        fuzzy="fuzzy" in message.flags,
        plural=plurals[0] if plurals else None,
        previous=previous,
        places=tuple((file, place or 0) for file, place in message.locations),
        notes=tuple(message.auto_comments),
        comments=comments,
        line=line,
    )


def _several(given: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (given or "",) if given is None or isinstance(given, str) else tuple(given)


def _comments(lines: Iterable[str]) -> tuple[tuple[str, ...], str | None]:
    """Comments of translators, and the previous source: Babel gives `#|` lines as comments that begin with a bar."""
    comments, quoted = [], []
    for line in lines:
        if not line.startswith("|"):
            comments.append(line)
        elif (part := _QUOTED.search(line)) and line[: part.start()].strip("| ") not in ("msgctxt", "msgid_plural"):
            quoted.append(part.group())
    return tuple(comments), denormalize('""\n' + "\n".join(quoted)) if quoted else None


_QUOTED = re.compile(r'".*"$')


def header_of(language: str) -> str:
    """The lines that a catalog begins with."""
    lines = (
        "Project-Id-Version: amana",
        f"Language: {language}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {plural_header(language)}",
    )
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines)


def _block(entry: Entry, prefix: str) -> str:
    lines = [f"# {comment}".rstrip() for comment in entry.comments]
    if not prefix:
        lines += [f"#. {note}" for note in entry.notes]
        lines += ["#: " + " ".join(f"{file}:{line}" if line else file for file, line in entry.places)] if entry.places else []
    lines += ["#, fuzzy"] if entry.fuzzy else []
    if entry.previous is not None:
        lines += [f"#| {line}" for line in f"msgid {normalize(entry.previous, width=0)}".split("\n")]
    words = [("msgctxt", entry.context), ("msgid", entry.source)]
    if entry.plural is None:
        words.append(("msgstr", entry.forms[0] if entry.forms else ""))
    else:
        words.append(("msgid_plural", entry.plural))
        words += [(f"msgstr[{place}]", form) for place, form in enumerate(entry.forms)]
    for word, text in words:
        lines += [prefix + line for line in f"{word} {normalize(text, width=0)}".split("\n")]
    return "\n".join(lines) + "\n"
