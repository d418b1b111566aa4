"""`amana revisions` and `amana drafts`: what may be typed; `bot.cli.revisions` and `bot.cli.drafts` do the work."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.environment import settings

revisions = typer.Typer(invoke_without_command=True, help="What was put in force, by whom and why.", rich_markup_mode=None)
drafts = typer.Typer(invoke_without_command=True, help="Changes that are under way in the studio.", rich_markup_mode=None)
Target = Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write flows/ and locales/ into.")]
Force = Annotated[bool, typer.Option("--force", help="Write over files that hold what is nowhere else.")]


@revisions.callback()
def show(context: typer.Context) -> None:
    """Show what was put in force, by whom and why, and how many conversations are on each revision."""
    if context.invoked_subcommand is None:
        from bot.cli.revisions import show

        asyncio.run(show(settings()))


@revisions.command()
def export(
    folder: Target,
    revision: Annotated[str, typer.Argument(help="Without one, what is in force.")] = "",
    *,
    force: Force = False,
) -> None:
    """Write the files of a revision into a folder; only files that differ are touched."""
    from bot.cli.revisions import export

    asyncio.run(export(settings(), folder, revision, force=force))


@revisions.command()
def merge(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that holds flows/ and locales/.")] = Path()) -> None:
    """Bring a folder onto what is in force: what only one of both changed is taken, what both changed stays the folder's and is told."""
    from bot.cli.revisions import merge

    asyncio.run(merge(settings(), folder))


@drafts.callback()
def list_(context: typer.Context) -> None:
    """Show the changes that are under way, and those given up that can still be taken up again."""
    if context.invoked_subcommand is None:
        from bot.cli.drafts import show

        asyncio.run(show(settings()))


@drafts.command("export")
def export_draft(draft: Annotated[str, typer.Argument(metavar="ID")], folder: Target, *, force: Force = False) -> None:
    """Write the files of a draft into a folder, to look at it or to go on with it in an editor."""
    from bot.cli.drafts import export

    asyncio.run(export(settings(), draft, folder, force=force))
