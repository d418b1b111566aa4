"""`amana messages`: catalogs brought up to date, and the spreadsheet that goes to translators.

Rule 1: this file only says what may be typed; `bot.cli.catalogs` does the work, and is opened when it is needed.
Rule 2: exit code 0 done, 1 something to mend (`file:line: sentence` on standard error), 2 a wrong command.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Kind(StrEnum):
    """What people receive, or what staff see."""

    FLOWS = "flows"
    STAFF = "staff"


messages = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Translations: bring catalogs up to date, and send texts to translators.",
)

Folder = Annotated[Path, typer.Option(help="Folder that holds flows/ and locales/.", file_okay=False, exists=True)]
Languages = Annotated[list[str] | None, typer.Option("--lang", help="Only this language; may be given several times.")]
OfKind = Annotated[Kind, typer.Option("--kind", help="flows: what people receive; staff: what staff see.")]


@messages.command()
def extract(
    folder: Folder = Path(),
    stdout: Annotated[bool, typer.Option("--stdout", help="Print the templates instead of writing them.")] = False,
) -> None:
    """Write locales/flows.pot and locales/staff.pot, for tools that ask for a template."""
    from bot.cli import catalogs

    catalogs.extract(folder, stdout=stdout)


@messages.command()
def update(
    folder: Folder = Path(),
    lang: Languages = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if a catalog is not up to date.")] = False,
) -> None:
    """Put new and changed texts into the catalogs. Translations are kept, and stale where the text has changed.

    With --lang, a language that has no catalog yet gets one.
    """
    from bot.cli import catalogs

    catalogs.update_all(folder, lang, check=check)


@messages.command()
def keep(
    ids: Annotated[list[str], typer.Argument(help="Texts whose meaning has not changed, as menu.main or bot.again.")],
    folder: Folder = Path(),
    lang: Languages = None,
) -> None:
    """Confirm stale translations: the source has changed, its meaning has not."""
    from bot.cli import catalogs

    catalogs.keep_texts(folder, lang, ids)


@messages.command()
def export(
    file: Annotated[Path, typer.Argument(help="The .xlsx to write.")],
    folder: Folder = Path(),
    lang: Languages = None,
    kind: OfKind = Kind.FLOWS,
) -> None:
    """Write a spreadsheet with every text, its translations and their state."""
    from bot.cli import catalogs

    catalogs.export(file, folder, lang, kind.value)


@messages.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The .xlsx that came back.", exists=True, dir_okay=False)],
    folder: Folder = Path(),
    lang: Languages = None,
    kind: OfKind = Kind.FLOWS,
) -> None:
    """Take a spreadsheet back: all of it, or, with one fault, nothing."""
    from bot.cli import catalogs

    catalogs.take_back(file, folder, lang, kind.value)


@messages.command()
def source(
    language: Annotated[str, typer.Argument(help="The language that flows are written in from now on, as fr.")],
    folder: Folder = Path(),
) -> None:
    """Turn a service round: flows in another language, and what they said until now among the translations."""
    from bot.cli import turning

    turning.turn(folder, language)
