"""The `amana` command: what operators, authors and translators do by hand.

Rule 1: output is plain and aligned, coloured only on a terminal; problems go to standard error, and the exit code tells.
Rule 2: heavy rooms are opened inside the commands that need them, so that help is quick.
"""

import asyncio
import sys
from collections.abc import Coroutine
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import config
from bot.cli.changes import drafts, revisions
from bot.cli.environment import fail, settings
from bot.cli.keys import keys
from bot.cli.staff import staff
from bot.ports import StoreTaken, StoreUnavailable
from bot.privacy.seal import Tampered
from bot.storage.files import FolderRefused, KeysRefused

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Amana: information and a person to talk to.",
)
app.add_typer(staff, name="staff")
app.add_typer(revisions, name="revisions")
app.add_typer(drafts, name="drafts")
app.add_typer(keys, name="keys")
Recalled = Annotated[bool, typer.Option("--recalled", help="Even if it was recalled because it did harm.")]
Folder = Annotated[Path, typer.Argument(help="Folder that holds flows/ and locales/.")]


def main() -> None:
    """Run the command line."""
    from bot.cli.messages import messages
    from bot.cli.notice import notices

    app.add_typer(messages, name="messages")
    app.add_typer(notices, name="notice")
    try:
        app()
    except REFUSALS as refused:
        typer.echo(str(refused), err=True)
        sys.exit(1)
    except Tampered:
        typer.echo(OTHER_KEYS, err=True)
        sys.exit(1)


REFUSALS: tuple[type[Exception], ...] = (StoreUnavailable, StoreTaken, KeysRefused, FolderRefused, config.BadSettings)
"""What the world refuses a command, with a sentence for the operator."""
OTHER_KEYS = "What is kept in this store does not open with these keys. Is AMANA_KEYS the folder that Amana was started with?"


def await_(work: Coroutine[Any, Any, Any]) -> Any:
    """Run one piece of work to its end."""
    return asyncio.run(work)


@app.command()
def run(
    only: Annotated[
        list[str] | None, typer.Option(help="Only this part in this process: web, worker or telegram; may be repeated.", metavar="PART")
    ] = None,
) -> None:
    """Start everything: pages, worker, Telegram. With --only a part of it, beside other processes on the same Redis."""
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
    if parts == {"telegram"} and known.telegram_token is None:
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
    *,
    why: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    by: Annotated[str, typer.Option(help="Who, for the record.")] = "operator",
    over: Annotated[bool, typer.Option("--over", help="Even if what is in force holds changes that the folder never had.")] = False,
    recalled: Recalled = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be different.")] = False,
) -> None:
    """Check a folder, show what is different, run its tests, and put it in force."""
    from bot.cli.revisions import publish_folder

    await_(publish_folder(settings(), folder, by=by, why=why, over=over, only_show=dry_run, recalled=recalled))


@app.command()
def rollback(
    revision: Annotated[str, typer.Argument(help="Its name, or how that begins. Without one, what was in force before.")] = "",
    why: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    by: Annotated[str, typer.Option(help="Who, for the record.")] = "operator",
    *,
    recalled: Recalled = False,
) -> None:
    """Put an older revision in force again."""
    from bot.cli.revisions import roll_back

    await_(roll_back(settings(), revision, by=by, why=why, recalled=recalled))


@app.command()
def recall(
    revision: Annotated[str, typer.Argument(help="Its name, or how that begins.")],
    why: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    by: Annotated[str, typer.Option(help="Who, for the record.")] = "operator",
) -> None:
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
def doctor(
    mail: Annotated[str, typer.Option(metavar="ADDRESS", help="Send a test e-mail to this address instead.")] = "",
) -> None:
    """Look at everything and say what is well and what is not."""
    from bot.cli.doctor import examine, tries_mail

    raise typer.Exit(await_(tries_mail(settings(), mail) if mail else examine(settings())))
