"""`amana messages source`: the language that flows are written in, changed for a whole folder.

Rule 1: nothing is written unless every text can be turned; then each file is replaced whole.
"""

from pathlib import Path
from typing import NoReturn

import typer

from bot.cli.catalogs import write
from bot.storage.files import FlowFolder, FolderRefused
from bot.studio.editing.turning import turned

_WHY = {
    "unread": "flows/bot.yaml cannot be read; run: amana check",
    "same": "the flows are written in {language} already",
    "no-catalog": "there is no catalog for {language}, or flows/bot.yaml does not name it under languages",
    "open": "{ids} missing or stale in {language}; translate them first: {names}",
    "place": "{ids} cannot be written where they stand: {names}",
}
_NAMED = 20


def turn(folder: Path, language: str) -> None:
    """Turns the folder round; exit code 1, and nothing written, if it cannot be."""
    try:
        bundle = FlowFolder(folder).read()
    except FolderRefused as error:
        _stop(f"{folder}: {error}")
    came = turned(bundle, language)
    if came.bundle is None:
        count = f"{len(came.ids)} text{' is' if len(came.ids) == 1 else 's are'}" if came.why == "open" else f"{len(came.ids)} texts"
        names = ", ".join(came.ids[:_NAMED]) + (" …" if len(came.ids) > _NAMED else "")
        _stop(f"{folder}: {_WHY[came.why].format(language=language, ids=count, names=names)}", "Nothing was changed.")
    for path, text in came.bundle.items():
        if text != bundle.get(path):
            write(folder / path, text)
            typer.echo(str(folder / path))
    for path in bundle:
        if path not in came.bundle:
            (folder / path).unlink()
            typer.echo(f"{folder / path}: gone; its texts stand in the flows now")


def _stop(*sentences: str) -> NoReturn:
    for sentence in sentences:
        typer.echo(sentence, err=True)
    raise typer.Exit(1)
