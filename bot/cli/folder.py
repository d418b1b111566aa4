"""Reading the folder an operator names.

Rule 1: a folder that cannot be read is one sentence and exit code 2, never a traceback.
"""

from pathlib import Path

import typer

from bot.bootstrap.flows import read_flows
from bot.flow.bundle import Bundle
from bot.storage.files import FolderRefused


def bundle_of(folder: Path) -> Bundle:
    """Give the bundle of a folder that holds flows/ and locales/, or say why not and end."""
    try:
        bundle = read_flows(folder)
    except FolderRefused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        typer.echo(f"{folder} cannot be read: {error.strerror}", err=True)
        raise typer.Exit(2) from None
    if not bundle.flow_paths():
        typer.echo(f"{folder} holds no flows: give the folder that has flows/ in it.", err=True)
        raise typer.Exit(2)
    return bundle
