"""The operator's work from the command line: forgetting, backup.

Rule 1: nothing printed names a person or says what they wrote.
"""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from bot.bootstrap.build import build_house
from bot.bootstrap.house import House
from bot.bootstrap.system import chance
from bot.bootstrap.unlock import opened
from bot.bootstrap.watch import BACKUP, OPERATOR
from bot.cli.revisions import must_exist, visiting
from bot.config import Settings
from bot.conversation.keeping.envelope import Envelope, Forgotten
from bot.ports import StoreTaken, StoreUnavailable
from bot.storage.sqlite.backups import restore as restore_file

if TYPE_CHECKING:
    from bot.storage.sqlite.store import SqliteStore


async def forget_case(settings: Settings, code: str) -> None:
    """Erase the person of a case."""
    must_exist(settings)
    if not settings.embedded:
        async with visiting(settings) as guest:
            await _ask_to_forget(guest, code.upper())
        typer.echo("A running worker erases it now; if none runs, the next one does when it starts.")
        return
    house = build_house(settings)
    try:
        await opened(house)
    except StoreTaken:
        async with visiting(settings) as guest:
            await _ask_to_forget(guest, code.upper())
        typer.echo("The running server erases it now.")
        return
    try:
        await house.library.refresh()
        await _ask_to_forget(house, code.upper())
        await house.worker.idle()
        await house.sender.idle()
        typer.echo("Erased. What could not be removed from the phone now is tried again when the server runs, within the hour.")
    finally:
        await house.close()
        await house.store.close()


async def _ask_to_forget(house: House, code: str) -> None:
    record = await house.store.case(code)
    if record is None or record.index.state == "erased":
        typer.echo(f"No case {code} is kept.", err=True)
        raise typer.Exit(1)
    envelope = Envelope(event=Forgotten(at=house.clock.now()), by="operator")
    await house.intake.tell(record.person, f"forget:{chance(16)}", envelope)


async def back_up(settings: Settings, to: Path) -> None:
    """Copy the store."""
    _embedded_only(settings)
    if to.exists():  # noqa: ASYNC240 one look
        typer.echo(f"{to} exists already; nothing was written.", err=True)
        raise typer.Exit(1)
    async with visiting(settings) as house:
        try:
            await cast("SqliteStore", house.store).backup(to)
        except OSError as error:
            typer.echo(f"{to} cannot be written: {error.strerror}.", err=True)
            raise typer.Exit(1) from None
        when = house.vault.seal_note(OPERATOR, BACKUP, str(house.clock.now()).encode())
        await house.store.put_note(OPERATOR, BACKUP, when)
    typer.echo(f"Written: {to}. The keys ({settings.keys}) are not in it: keep a copy of them apart.")


def restore_(settings: Settings, from_: Path) -> None:
    """Put a backup in place."""
    _embedded_only(settings)
    try:
        restore_file(from_, settings.sqlite_path)
    except FileExistsError:
        typer.echo(f"{settings.sqlite_path} exists. Move it away first; nothing was changed.", err=True)
        raise typer.Exit(1) from None
    except StoreTaken:
        typer.echo("The server runs. Stop it first; nothing was changed.", err=True)
        raise typer.Exit(1) from None
    except (OSError, StoreUnavailable) as error:
        typer.echo(f"{from_} cannot be restored: {str(error).rstrip('.')}. Nothing was changed.", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"Restored to {settings.sqlite_path}.")


def _embedded_only(settings: Settings) -> None:
    if not settings.embedded:
        typer.echo("A store on Redis is copied with Redis' own means: its append-only file (docs/operating.md, On Redis).", err=True)
        raise typer.Exit(1)
