"""The work of `amana messages` on the files of a folder.

Rule 1: nothing is written until everything was read and no fault was found; each file is replaced whole.
Rule 2: a file that holds the right text already is not touched.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import typer

from bot.conversation.group.wording import WORDING as GROUP_WORDING
from bot.flow.compiler import compile_bundle
from bot.flow.extract import catalog_sources
from bot.i18n.catalog import Catalog, CatalogError, read_catalog, write_catalog
from bot.i18n.merge import Source, empty_catalog, faults, keep, stats, update
from bot.i18n.sheet import SheetError, export_sheet, import_sheet
from bot.i18n.staff import sources_of
from bot.storage.files import FlowFolder, FolderRefused
from bot.web.wording.words import WORDING as PAGE_WORDING

KINDS: Final = ("flows", "staff")
_LANGUAGE: Final = re.compile("[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class _Book:
    """One PO file, with its catalog as it was read."""

    kind: str
    path: Path
    catalog: Catalog


@dataclass(frozen=True, slots=True)
class _Sources:
    """Every source text, and the language that flows are written in."""

    language: str
    texts: Mapping[str, Sequence[Source]]

    def of(self, book: _Book) -> Sequence[Source]:
        """The texts of a catalog; in the language that flows are written in, only what counts is said by a catalog."""
        texts = self.texts[book.kind]
        return [text for text in texts if text.plural] if book.kind == "flows" and book.catalog.language == self.language else texts


def extract(folder: Path, *, stdout: bool) -> None:
    """Writes a template of each kind, or prints it."""
    for kind, sources in _sources(folder).texts.items():
        template = write_catalog(update(empty_catalog("en"), sources).catalog)
        if stdout:
            typer.echo(template)
            continue
        path = folder / "locales" / f"{kind}.pot"
        same = "" if write(path, template) else ", unchanged"
        typer.echo(f"{path}: {_count(len(sources), 'text')}{same}")


def update_all(folder: Path, languages: Sequence[str] | None, *, check: bool) -> None:
    """Brings every catalog up to date; with `check` only says whether they are."""
    sources = _sources(folder)
    rows: list[tuple[str, ...]] = [("catalog", "texts", "done", "stale", "missing", "new", "carried", "gone")]
    texts: dict[Path, str] = {}
    for book in _books(folder, languages, making=True):
        merged = update(book.catalog, sources.of(book))
        texts[book.path] = write_catalog(merged.catalog)
        count = stats(merged.catalog, sources.of(book))
        numbers = (count.total, count.done, count.stale, count.missing, len(merged.new), len(merged.carried), len(merged.gone))
        rows.append((str(book.path), *map(str, numbers)))
    late = [path for path, text in texts.items() if _differs(path, text)]
    if not check:
        for path, text in texts.items():
            write(path, text)
    _table(rows)
    if check and late:
        _stop(*(f"{path}:1: not up to date; run: amana messages update" for path in late))


def keep_texts(folder: Path, languages: Sequence[str] | None, ids: Sequence[str]) -> None:
    """Confirms stale translations of these ids, in every catalog that has them."""
    sources = _sources(folder)
    books = [(book, *keep(update(book.catalog, sources.of(book)).catalog, ids)) for book in _books(folder, languages)]
    lost = [context for context in ids if all(context in unknown for _, _, unknown in books)]
    if lost:
        _stop(*(f"no text is called {context}" for context in lost))
    for book, kept, unknown in books:
        confirmed = [context for context in ids if context not in unknown]
        if confirmed:
            write(book.path, write_catalog(kept))
            typer.echo(f"{book.path}: kept {', '.join(confirmed)}")


def export(file: Path, folder: Path, languages: Sequence[str] | None, kind: str) -> None:
    """Writes the spreadsheet."""
    sources = _sources(folder)
    books = _of_kind(folder, languages, kind)
    catalogs = [update(book.catalog, sources.of(book)).catalog for book in books]
    try:
        content = export_sheet(catalogs)
    except SheetError as error:
        _stop(f"{file}: {error}")
    try:
        file.write_bytes(content)
    except OSError as error:
        _stop(f"{file}: {error.strerror}")
    counts = [(catalog.language, stats(catalog, sources.of(book))) for book, catalog in zip(books, catalogs, strict=True)]
    left = "".join(f"\n  {language}: {count.done} done, {count.stale} stale, {count.missing} missing" for language, count in counts)
    typer.echo(f"{file}: {_count(len(sources.texts[kind]), 'text')}{left}")


def take_back(file: Path, folder: Path, languages: Sequence[str] | None, kind: str) -> None:
    """Reads the spreadsheet into the catalogs."""
    sources = _sources(folder)
    books = _of_kind(folder, languages, kind)
    try:
        came = import_sheet(file.read_bytes(), [update(book.catalog, sources.of(book)).catalog for book in books])
    except SheetError as error:
        _stop(f"{file}: {error}")
    if came.faults:
        _stop(*(f"{file}:{fault.row}: {fault.column}: {fault.sentence}" for fault in came.faults), "Nothing was changed.")
    for book, catalog in zip(books, came.catalogs, strict=True):
        write(book.path, write_catalog(catalog))
        changed = [change.context for change in came.changes if change.language == catalog.language]
        typer.echo(f"{book.path}: {_count(len(changed), 'change')}" + "".join(f"\n  {context}" for context in changed))
    for change in came.emptied:
        typer.echo(f"{change.context} ({change.language}): the cell is empty; its translation is kept")


def _sources(folder: Path) -> _Sources:
    try:
        bundle = FlowFolder(folder).read()
    except FolderRefused as error:
        _stop(f"{folder}: {error}")
    if not bundle.flow_paths():
        _stop(f"{folder / 'flows'}: no flow stands here; name the folder with --folder")
    compiled = compile_bundle(bundle)
    unread = {path for path in bundle if path.endswith(".yaml")} - set(compiled.draft.trees)
    if unread:
        _stop(*(str(problem) for problem in compiled.problems if problem.file in unread), "Nothing was changed.")
    staff = [*sources_of(GROUP_WORDING, "bot/conversation/group/wording.py"), *sources_of(PAGE_WORDING, "bot/web/wording/words.py")]
    language = compiled.draft.bot.source if compiled.draft.bot else "en"
    return _Sources(language, {"flows": catalog_sources(compiled.draft.texts, language), "staff": staff})


def _of_kind(folder: Path, languages: Sequence[str] | None, kind: str) -> list[_Book]:
    books = [book for book in _books(folder, languages) if book.kind == kind]
    if not books:
        _stop(f"{folder / 'locales'}: no {kind} catalog stands here")
    return books


def _books(folder: Path, languages: Sequence[str] | None, *, making: bool = False) -> list[_Book]:
    """The catalogs of the folder, or of these languages; `making`: also those that do not exist yet. Stops at every fault at once."""
    wrong: list[str] = []
    books: list[_Book] = []
    for path in _paths(folder, languages, making=making):
        language = path.parts[-3]
        try:
            catalog = read_catalog(path.read_text("utf-8"), language) if path.exists() else empty_catalog(language)
        except CatalogError as error:
            wrong.append(f"{path}:{error.line}: {error.sentence}")
        except UnicodeDecodeError:
            wrong.append(f"{path}:1: this file is not UTF-8")
        else:
            wrong += [f"{path}:{catalog.entries[context].line}: {context}: {fault}" for context, fault in faults(catalog).items()]
            books.append(_Book(path.stem, path, catalog))
    if wrong:
        _stop(*wrong, "Nothing was changed.")
    return books


def _paths(folder: Path, languages: Sequence[str] | None, *, making: bool) -> list[Path]:
    found = [path for kind in KINDS for path in sorted((folder / "locales").glob(f"*/LC_MESSAGES/{kind}.po"))]
    if languages is None:
        return found
    odd = [language for language in languages if _LANGUAGE.fullmatch(language) is None]
    if odd:
        _stop(*(f"{language} is no language code; write two or three small letters, as fr" for language in odd))
    wanted = [folder / "locales" / language / "LC_MESSAGES" / f"{kind}.po" for kind in KINDS for language in languages]
    there = [path for path in wanted if making or path in found]
    if not there:
        _stop(f"{folder / 'locales'}: no catalog for {', '.join(languages)}")
    return there


def _differs(path: Path, text: str) -> bool:
    return not path.exists() or path.read_text("utf-8") != text


def write(path: Path, text: str) -> bool:
    """Replaces the file whole; False when it held this already."""
    if not _differs(path, text):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(text, "utf-8", newline="\n")
    fresh.replace(path)
    return True


def _table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    align: list[Callable[[str, int], str]] = [str.ljust, *[str.rjust] * (len(widths) - 1)]
    for row in rows:
        typer.echo("  ".join(put(cell, width) for put, cell, width in zip(align, row, widths, strict=True)).rstrip())


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" + ("" if number == 1 else "s")


def _stop(*sentences: str) -> NoReturn:
    for sentence in sentences:
        typer.echo(sentence, err=True)
    raise typer.Exit(1)
