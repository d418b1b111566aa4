"""Putting flows in force from the command line.

Rule 1: nothing with a problem goes live; the running server takes up a change within a second.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.bootstrap.build import build_house
from bot.bootstrap.flows import FlowsRefused, checked
from bot.bootstrap.house import House
from bot.cli.folder import bundle_of
from bot.config import Settings
from bot.conversation.library import CannotRun
from bot.ports import Stale, StoreUnavailable

NO_STORE = "start Amana once, and run this in the same folder with the same AMANA_ settings."
"""A command in the wrong folder must not make an empty store there and answer from it."""


def must_exist(settings: Settings) -> None:
    """End if there is no store; one on a server is asked when it is opened."""
    if settings.embedded and not settings.sqlite_path.is_file():
        typer.echo(f"There is no store at {settings.sqlite_path.absolute()}: {NO_STORE}", err=True)
        raise typer.Exit(1)


@asynccontextmanager
async def visiting(settings: Settings, *, new: bool = False) -> AsyncIterator[House]:
    """Open the store beside a server that may be running; only with `new` may it make one."""
    if not new:
        must_exist(settings)
    house = build_house(settings, guest=True)
    try:
        await house.store.open()
    except StoreUnavailable as error:
        typer.echo(f"The store cannot be opened: {error}", err=True)
        raise typer.Exit(1) from None
    try:
        yield house
    finally:
        await house.store.close()


@contextmanager
def said(*, unknown: str = "", older: str = "") -> Iterator[None]:
    """Say what the library refused, and end; a refusal that no sentence is given for is our bug and stays one."""
    try:
        yield
    except Stale:
        sentence = "Somebody published at this moment. Look at `amana revisions`, then try again."
    except KeyError:
        if not unknown:
            raise
        sentence = unknown
    except CannotRun:
        if not older:
            raise
        sentence = older
    else:
        return
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


async def publish_folder(settings: Settings, folder: Path, *, by: str, why: str) -> None:
    """Check and publish."""
    bundle = bundle_of(folder)
    async with visiting(settings, new=True) as house:
        try:
            checked(bundle, house.clock.today())
        except FlowsRefused as refused:
            for problem in refused.problems:
                typer.echo(str(problem), err=True)
            typer.echo(f"Not published: {len(refused.problems)} problems.", err=True)
            raise typer.Exit(1) from None
        head = await house.library.look()
        if head is not None and head.revision == bundle.revision:
            typer.echo(f"{bundle.revision} is in force already.")
            return
        with said():
            revision = await house.library.publish(bundle, by=by, why=why)
        typer.echo(f"In force: {revision}")


async def show(settings: Settings) -> None:
    """List what was put in force."""
    async with visiting(settings) as house:
        head = await house.library.look()
        if head is None:
            typer.echo("Nothing is in force yet. The first start imports flows/.")
            return
        for deed in head.deeds:
            when = datetime.fromtimestamp(deed.at, UTC).strftime("%Y-%m-%d %H:%M")
            mark = "*" if deed is head.deeds[-1] else " "
            what = f"{deed.kind} {deed.off}" if deed.kind == "recall" else deed.kind
            typer.echo(f"{mark} {when}  {deed.revision}  {what:<10}  {deed.by:<12}  {deed.why}")


async def roll_back(settings: Settings, revision: str, *, by: str, why: str) -> None:
    """Put an older revision in force."""
    async with visiting(settings) as house:
        with said(
            unknown=f"No revision {revision}. `amana revisions` shows them.",
            older=f"{revision} was made for an older Amana, which this one cannot run. Nothing was changed.",
        ):
            await house.library.rollback(revision, by=by, why=why)
        typer.echo(f"In force: {revision}")


async def recall_(settings: Settings, revision: str, *, by: str, why: str) -> None:
    """Recall a revision."""
    async with visiting(settings) as house:
        with said(unknown=f"{revision} is unknown, or in force: put another in force first (`amana rollback` or `amana publish`)."):
            await house.library.recall(revision, by=by, why=why)
        typer.echo(f"Recalled: {revision}. Its conversations move at their next turn.")
