"""The operator's work from the command line: staff, forgetting, backup, a look at everything.

Rule 1: a one-time link is printed only to a terminal.
Rule 2: nothing printed names a person or says what they wrote.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from bot.bootstrap.build import build_house
from bot.bootstrap.house import House
from bot.bootstrap.system import chance
from bot.checks.check import check
from bot.cli.folder import bundle_of
from bot.cli.revisions import must_exist, visiting
from bot.config import Settings
from bot.conversation.envelope import Envelope, Forgotten
from bot.conversation.staff import StaffMember
from bot.ports import StoreTaken, StoreUnavailable
from bot.storage.sqlite.backups import restore as restore_file

if TYPE_CHECKING:
    from bot.storage.sqlite.store import SqliteStore

ALL = "all"
"""Stands for every team."""
LANGUAGES = ("ar", "fr", "en")
BACKLOG = 1000
FULL = 70
"""Per cent of a server's memory from which an operator must act: at 100 nothing is accepted any more."""
"""Events waiting that are worth a look."""


async def _link(house: House, id_: str) -> None:
    token = await house.staff.one_time_link_token(id_)
    if sys.stdout.isatty():
        typer.echo(f"{house.settings.url}/signin?token={token}")
        typer.echo("It works once, within the hour.")
    else:
        typer.echo("A link is printed only to a terminal.", err=True)
        raise typer.Exit(1)


async def _must_know(house: House, id_: str) -> None:
    if await house.staff.member(id_) is None:
        typer.echo(f"No account {id_}. `amana staff list` shows them.", err=True)
        raise typer.Exit(1)


async def add_staff(settings: Settings, id_: str, language: str, teams: list[str]) -> None:
    """Add an account and print its link; of one that exists, change only what is given."""
    if language and language not in LANGUAGES:
        typer.echo(f"No language {language}; there are: {', '.join(LANGUAGES)}", err=True)
        raise typer.Exit(2)
    if not id_.isascii() or not id_.replace("-", "").isalnum():
        typer.echo("An id has letters, digits and - only.", err=True)
        raise typer.Exit(2)
    async with visiting(settings) as house:
        await house.library.refresh()
        known = house.library.current().teams.teams if house.library.head else {}
        unknown = [team for team in teams if team not in known and team != ALL]
        if unknown:
            typer.echo(f"No team {', '.join(unknown)}; there are: {', '.join(known) or 'none yet'}", err=True)
            raise typer.Exit(2)
        old = await house.staff.member(id_) or StaffMember(id=id_, name="", language=settings.desk_language)
        chosen = () if ALL in teams else tuple(teams) or old.teams
        member = await house.staff.add(id_, language=language or old.language, teams=chosen, role=old.role)
        typer.echo(f"{id_} is {'still ' if old.name else ''}{member.name}; teams: {', '.join(member.teams) or 'all'}")
        await _link(house, id_)


async def reset_staff(settings: Settings, id_: str) -> None:
    """End all sessions of the account and print a new link."""
    async with visiting(settings) as house:
        await _must_know(house, id_)
        await house.staff.sign_out_everywhere(id_)
        await _link(house, id_)


async def remove_staff(settings: Settings, id_: str) -> None:
    """Take an account away."""
    async with visiting(settings) as house:
        await _must_know(house, id_)
        await house.staff.remove(id_)
    typer.echo(f"{id_} can no longer sign in, and is signed out everywhere.")
    typer.echo("A case they had taken can be taken by a colleague once it was left alone for 12 hours.")


async def list_staff(settings: Settings) -> None:
    """List accounts."""
    async with visiting(settings) as house:
        for member in await house.staff.list():
            typer.echo(f"{member.id:<20} {member.name:<16} {member.language}  {member.role:<11} {', '.join(member.teams) or 'all teams'}")


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
        await house.store.open()
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
        typer.echo("A store on Redis is copied with Redis' own means: its append-only file, or a snapshot (docs/operating.md).", err=True)
        raise typer.Exit(1)


class Findings:
    """What `doctor` found, said as it is found."""

    def __init__(self) -> None:
        self.wrong = 0

    def say(self, what: str, *, ok: bool = True) -> None:
        """Print one finding."""
        self.wrong += not ok
        typer.echo(f"{'ok  ' if ok else 'LOOK'}  {what}")


async def examine(settings: Settings) -> int:
    """Print what is well and what is not; gives the exit code."""
    found = Findings()
    async with visiting(settings) as house:
        _examine_store(settings, house, found)
        counts = await house.store.counts()
        found.say(f"{counts.quarantine} events put aside", ok=counts.quarantine == 0)
        found.say(f"{counts.inbox} events wait, {counts.outbox} messages wait", ok=counts.inbox < BACKLOG)
        found.say(f"{counts.cases_waiting} cases wait, {counts.cases_claimed} with a caseworker")
        await _examine_flows(house, found)
    await _examine_telegram(settings, found)
    found.say(f"keys in {settings.keys}: is there a copy elsewhere?", ok=settings.keys.expanduser().is_dir())
    return 1 if found.wrong else 0


def _examine_store(settings: Settings, house: House, found: Findings) -> None:
    """Say what the store promises."""
    durability = getattr(house.store, "durability", None)
    if durability is None:
        found.say(f"store {settings.store_shown}: every write is on disk before it is confirmed (WAL, synchronous FULL)")
        return
    safe = durability.fsync == "always" and durability.policy == "noeviction"
    found.say(f"store {settings.store_shown}, {durability.server}: {durability.loses}", ok=safe)
    found.say(f"its memory when full: {durability.policy}", ok=durability.policy == "noeviction")
    if durability.maxmemory:
        share = durability.used * 100 // durability.maxmemory
        found.say(f"its memory: {share} % of {durability.maxmemory // 2**20} MB", ok=share < FULL)
    found.say(f"{durability.replicas} replicas")


async def _examine_telegram(settings: Settings, found: Findings) -> None:
    if settings.telegram_token is None:
        found.say("no Telegram: TELEGRAM_TOKEN is not set", ok=False)
        return
    from bot.channels.telegram.reach import reach

    failed = await reach(settings.telegram_api_url, settings.telegram_token.reveal())
    found.say(f"Telegram: {failed}" if failed else "Telegram answers, and takes the token", ok=not failed)


async def _examine_flows(house: House, found: Findings) -> None:
    await house.library.refresh()
    head = house.library.head
    found.say(f"flows in force: {head.revision if head else 'none yet'}", ok=head is not None)
    bundle = bundle_of(house.settings.flows)
    same = head is not None and head.revision == bundle.revision
    found.say(f"the folder {'is what is in force' if same else 'differs from what is in force: amana publish puts it live'}")
    problems = check(bundle, house.clock.today())
    wrong = sum(not problem.warning for problem in problems)
    found.say(f"{wrong} problems, {len(problems) - wrong} warnings in the folder", ok=not wrong)
    if head is not None:
        program = house.library.current()
        unchecked = sum(contact.verified_on is None for contact in program.directory.contacts.values())
        ready = program.service.stage == "live" and not unchecked
        found.say(f"stage {program.service.stage}; {unchecked} contacts nobody has rung yet", ok=ready)
