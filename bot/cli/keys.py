"""`amana keys`: what may be typed; `bot.cli.masterkeys` does the work."""

import asyncio
from typing import Annotated

import typer

from bot.cli.environment import settings

keys = typer.Typer(invoke_without_command=True, help="The master keys, and what is under which.", rich_markup_mode=None)


@keys.callback()
def show(context: typer.Context) -> None:
    """Show the master keys, since when there is each, and how much is still under it. No key is printed."""
    if context.invoked_subcommand is None:
        from bot.cli.masterkeys import show

        asyncio.run(show(settings()))


@keys.command()
def rotate() -> None:
    """Make a new master key. Running servers use it at once, and wrap everything again under it."""
    from bot.cli.masterkeys import rotate

    asyncio.run(rotate(settings()))


@keys.command()
def drop(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name, or how that begins.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Destroy an older master key, once nothing needs it any more: then no backup from before can be opened."""
    from bot.cli.masterkeys import drop

    asyncio.run(drop(settings(), name, yes=yes))
