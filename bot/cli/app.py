"""The `amana` command: what operators, authors and translators do by hand.

Rule 1: output is plain and aligned, coloured only on a terminal; problems go to standard error, and the exit code tells.
Rule 2: heavy rooms are opened inside the commands that need them, so that help is quick.
"""

import asyncio
import os
import sys
from collections.abc import Coroutine
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bot import config
from bot.ports import StoreTaken, StoreUnavailable
from bot.storage.files import FolderRefused, KeysRefused

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Amana: information and a person to talk to.",
)
staff_app = typer.Typer(no_args_is_help=True, help="Accounts of caseworkers.", rich_markup_mode=None)
app.add_typer(staff_app, name="staff")
Folder = Annotated[Path, typer.Argument(help="Folder that holds flows/ and locales/.")]


def main() -> None:
    """Run the command line."""
    from bot.cli.messages import messages

    app.add_typer(messages, name="messages")
    try:
        app()
    except REFUSALS as refused:
        typer.echo(str(refused), err=True)
        sys.exit(1)


REFUSALS: tuple[type[Exception], ...] = (StoreUnavailable, StoreTaken, KeysRefused, FolderRefused)
"""What the world refuses a command, with a sentence for the operator."""


def settings() -> config.Settings:
    """Give the settings of this environment, or end with every problem of them."""
    try:
        return config.read(os.environ)
    except config.BadSettings as bad:
        for problem in bad.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(2) from None


def fail(sentence: str, code: int = 1) -> NoReturn:
    """Say why, and end."""
    typer.echo(sentence, err=True)
    raise typer.Exit(code)


def await_(work: Coroutine[Any, Any, Any]) -> Any:
    """Run one piece of work to its end."""
    return asyncio.run(work)


@app.command()
def run(
    only: Annotated[
        list[str] | None, typer.Option(help="Only this part in this process: web, worker or telegram; may be repeated.", metavar="PART")
    ] = None,
) -> None:
    """Start everything: channels, worker, pages. With --only a part of it, beside other processes on the same Redis."""
    from bot.bootstrap.house import PARTS
    from bot.cli.server import serve

    known, parts = settings(), frozenset(only or PARTS)
    unknown = sorted(parts - PARTS)
    if unknown:
        typer.echo(f"There is no part {', '.join(unknown)}; there are {', '.join(sorted(PARTS))}.", err=True)
        raise typer.Exit(2)
    if known.embedded and parts != PARTS:
        typer.echo("A store in a file has one process that does everything. For several, set AMANA_STORE to a Redis server.", err=True)
        raise typer.Exit(2)
    if "telegram" in parts and parts != PARTS and known.telegram_token is None:
        typer.echo("TELEGRAM_TOKEN is not set: there is nothing to do for this part.", err=True)
        raise typer.Exit(2)
    serve(known, parts)


@app.command()
def check(
    folder: Folder = Path(),
    on: Annotated[str, typer.Option(help="Check contacts as of this day, YYYY-MM-DD.")] = "",
) -> None:
    """Show every problem of flows, translations and contacts; exit 1 if any must be mended."""
    from bot.bootstrap.system import SystemClock
    from bot.checks.check import check as find
    from bot.cli.folder import bundle_of

    try:
        day = date.fromisoformat(on) if on else SystemClock().today()
    except ValueError:
        fail(f"--on must be a day like 2026-11-23, not {on}", 2)
    problems = find(bundle_of(folder), day)
    for problem in problems:
        typer.echo(f"{'warning ' if problem.warning else ''}{problem}")
    wrong = sum(not problem.warning for problem in problems)
    typer.echo(_summary(wrong, len(problems) - wrong), err=True)
    raise typer.Exit(1 if wrong else 0)


def _summary(wrong: int, warnings: int) -> str:
    if not wrong and not warnings:
        return "No problems."
    return f"{wrong} {'problem' if wrong == 1 else 'problems'}, {warnings} {'warning' if warnings == 1 else 'warnings'}."


@app.command(name="try")
def try_(
    flow: Annotated[str, typer.Argument(help="Flow to begin with; without one, as a new person.")] = "",
    lang: Annotated[str, typer.Option(help="Language: ar, fr or en.")] = "fr",
    folder: Annotated[Path, typer.Option(help="Folder that holds flows/ and locales/.")] = Path(),
) -> None:
    """Talk to the bot in the terminal; with lines from a pipe, print a transcript."""
    from bot.cli.play import talk

    talk(flow, lang, folder)


@app.command()
def test(
    files: Annotated[list[Path] | None, typer.Argument(help="`.chat` files; without any, all of flows/tests.")] = None,
    folder: Annotated[Path, typer.Option(help="Folder that holds flows/ and locales/.")] = Path(),
) -> None:
    """Play the written conversations in every language."""
    from bot.cli.play import play

    raise typer.Exit(play(files or [], folder))


@app.command()
def publish(
    folder: Folder = Path(),
    why: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    by: Annotated[str, typer.Option(help="Who, for the record.")] = "operator",
) -> None:
    """Check a folder and put it in force."""
    from bot.cli.revisions import publish_folder

    await_(publish_folder(settings(), folder, by=by, why=why))


@app.command()
def revisions() -> None:
    """Show what was put in force, by whom and why."""
    from bot.cli.revisions import show

    await_(show(settings()))


@app.command()
def rollback(revision: str, why: str = "", by: str = "operator") -> None:
    """Put an older revision in force again."""
    from bot.cli.revisions import roll_back

    await_(roll_back(settings(), revision, by=by, why=why))


@app.command()
def recall(revision: str, why: str = "", by: str = "operator") -> None:
    """Move every conversation off a harmful revision at its next turn."""
    from bot.cli.revisions import recall_

    await_(recall_(settings(), revision, by=by, why=why))


@app.command()
def forget(case: Annotated[str, typer.Argument(help="Code of the person's case, as they say it.")]) -> None:
    """Erase everything about the person of a case, at their request."""
    from bot.cli.operator import forget_case

    await_(forget_case(settings(), case))


@app.command()
def backup(to: Annotated[Path, typer.Argument(help="File to write.")]) -> None:
    """Copy the store while it runs. The keys are not in it: back them up apart."""
    from bot.cli.operator import back_up

    await_(back_up(settings(), to))


@app.command()
def restore(from_: Annotated[Path, typer.Argument(help="File written by backup.", metavar="FILE")]) -> None:
    """Put a backup in the place of the store; the server must not run."""
    from bot.cli.operator import restore_

    restore_(settings(), from_)


@app.command()
def doctor() -> None:
    """Look at everything and say what is well and what is not."""
    from bot.cli.operator import examine

    raise typer.Exit(await_(examine(settings())))


@staff_app.command("add")
def staff_add(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A short id, for example amina.")],
    language: Annotated[str, typer.Option(help="Language of their desk: ar, fr or en. Without it: AMANA_DESK_LANGUAGE.")] = "",
    team: Annotated[list[str] | None, typer.Option(help="A team of teams.yaml, or all; may be given again. Without it: all.")] = None,
) -> None:
    """Add a caseworker, or change one, and print a link that signs in once."""
    from bot.cli.operator import add_staff

    await_(add_staff(settings(), id_, language, team or []))


@staff_app.command("reset")
def staff_reset(id_: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Print a new one-time link for a caseworker."""
    from bot.cli.operator import reset_staff

    await_(reset_staff(settings(), id_))


@staff_app.command("remove")
def staff_remove(id_: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Take an account away; its sessions end at once."""
    from bot.cli.operator import remove_staff

    await_(remove_staff(settings(), id_))


@staff_app.command("list")
def staff_list() -> None:
    """Show the accounts."""
    from bot.cli.operator import list_staff

    await_(list_staff(settings()))
