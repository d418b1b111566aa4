"""`amana notice`: tell something to everybody who can be reached, look how it goes, pause it, stop it.

Rule 1: this command only orders; the running server does the work, and goes on after a restart.
Rule 2: what would not pass in a flow is not sent to anybody.
"""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, cast

import typer

from bot.bootstrap.house import House
from bot.bootstrap.system import SystemClock, chance
from bot.cli.environment import fail, settings
from bot.cli.folder import bundle_of
from bot.cli.revisions import visiting
from bot.config import Settings
from bot.conversation.notices.notice import Order, Progress, State
from bot.i18n.names import country_code_of
from bot.ports import Stale

notices = typer.Typer(no_args_is_help=True, help="Tell something to everybody who can be reached.", rich_markup_mode=None)
WIDE = 24
"""Characters of a drawn bar."""


@notices.command()
def send(
    files: Annotated[list[Path], typer.Argument(help="One text file for each language, named like closed.fr.txt, closed.ar.txt.")],
    *,
    lang: Annotated[list[str] | None, typer.Option(help="Only people who are answered in this language; may be repeated.")] = None,
    country: Annotated[str, typer.Option(help="Only people who said that they are in this country, for example MA.")] = "",
    cases: Annotated[bool, typer.Option("--cases", help="Also people who wait for a caseworker or talk with one.")] = False,
    by: Annotated[str, typer.Option(help="Who, for the record.")] = "operator",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Check the texts and give the order; the running server sends them."""
    known = settings()
    texts, where = _read(files)
    wanted = {language: text for language, text in texts.items() if not lang or language in lang}
    if country and country_code_of(f"countries.{country.upper()}") is None:
        fail(f"--country is the two letters of a country, for example MA, not {country}", 2)
    _checked(known, wanted, where, tuple(lang or ()))
    order = Order(id=f"n{chance(6).lower()}", texts=wanted, country=country.upper(), cases=cases, by=by, at=SystemClock().now())
    asyncio.run(_order(known, order, yes=yes))


@notices.command(name="list")
def list_() -> None:
    """Show the notices of the last 30 days, and how far each has come."""
    asyncio.run(_list(settings()))


@notices.command()
def pause(notice: Annotated[str, typer.Argument(metavar="ID")], by: str = "operator") -> None:
    """Send nothing of it for now."""
    asyncio.run(_change(settings(), notice, "paused", by, "is paused. `amana notice resume` lets it go on."))


@notices.command()
def resume(notice: Annotated[str, typer.Argument(metavar="ID")], by: str = "operator") -> None:
    """Let a paused one go on."""
    asyncio.run(_change(settings(), notice, "running", by, "goes on."))


@notices.command()
def stop(notice: Annotated[str, typer.Argument(metavar="ID")], by: str = "operator") -> None:
    """End it for good; what was sent stays sent."""
    asyncio.run(_change(settings(), notice, "stopped", by, "is stopped. What was sent stays on the phones."))


# ── the texts ──
def _read(files: Sequence[Path]) -> tuple[dict[str, str], dict[str, str]]:
    """Give texts and places by language; the language stands before the ending of the name."""
    texts: dict[str, str] = {}
    where: dict[str, str] = {}
    for path in files:
        language = path.suffixes[-2].removeprefix(".") if len(path.suffixes) > 1 else ""
        if language not in ("ar", "fr", "en"):
            fail(f"{path}: name it after its language, for example {path.stem}.fr.txt", 2)
        try:
            texts[language], where[language] = path.read_text(encoding="utf-8").strip(), str(path)
        except (OSError, UnicodeDecodeError) as error:
            fail(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text in UTF-8'}", 2)
    return texts, where


def _checked(known: Settings, texts: dict[str, str], where: dict[str, str], only: tuple[str, ...]) -> None:
    """End with every problem of the texts."""
    from bot.checks.notices import notice_problems
    from bot.flow.compiler import compile_bundle

    draft = compile_bundle(bundle_of(known.flows)).draft
    languages = only or (tuple(draft.bot.languages) if draft.bot is not None else ())
    problems = notice_problems(texts, where, draft, languages)
    for problem in problems:
        typer.echo(str(problem), err=True)
    if any(not problem.warning for problem in problems):
        fail("Nothing was ordered: mend the texts first.")


async def _order(known: Settings, order: Order, *, yes: bool) -> None:
    async with visiting(known) as house:
        people = (await house.store.counts()).people
        typer.echo("\n\n".join(order.texts.values()))
        typer.echo(f"\nOf {people} people it goes to those who can be reached{_only(order)}. Left out: who said stop{_left_out(order)}.")
        if not yes and not sys.stdin.isatty():
            fail("Nothing was ordered: there is nobody to ask. Add --yes if that is meant.", 2)
        if not yes and not typer.confirm("Send it?"):
            fail("Nothing was ordered.")
        await house.notices.book.order(order)
    typer.echo(f"Ordered: {order.id}. `amana notice list` shows how it goes.")


def _only(order: Order) -> str:
    in_country = f" and said that they are in {order.country}" if order.country else ""
    return f" and are answered in {' or '.join(sorted(order.texts))}{in_country}"


def _left_out(order: Order) -> str:
    return "" if order.cases else ", who has an open case"


# ── how it goes ──
async def _list(known: Settings) -> None:
    async with visiting(known) as house:
        orders = await house.notices.book.orders()
        if not orders:
            typer.echo("There is no notice.")
        for order in orders:
            typer.echo(line(await house.notices.book.progress(order), _a_second(house)))


def _a_second(house: House) -> float:
    """Messages a second, as far as the settings tell."""
    return float(house.settings.sends_per_second) if house.settings.telegram_token is not None else 0.0


def line(standing: Progress, a_second: float) -> str:
    """Give one notice in a line: when, how far, a drawn bar, what became of people, how long it still takes."""
    order, people = standing.order, max(1, standing.people)
    share = 1.0 if standing.ended and order.state != "stopped" else standing.done / people
    bar = ("#" * int(share * WIDE)).ljust(WIDE, ".")
    when = datetime.fromtimestamp(order.at, UTC).strftime("%Y-%m-%d %H:%M")
    state = "finished" if standing.ended and order.state != "stopped" else order.state
    counted = f"sent {standing.sent}, waiting {standing.waiting}, left {standing.left}, failed {standing.failed}"
    head = f"{order.id}  {when}  {state:<8}  [{bar}] {int(share * 100):>3} %  {counted}, not told {standing.left_out}"
    return head + _still(standing, a_second)


def _still(standing: Progress, a_second: float) -> str:
    left = standing.to_come + standing.waiting
    if standing.ended or standing.order.state != "running" or not a_second or not standing.people:
        return ""
    seconds = int(left / a_second)
    return f"  about {seconds // 60} min {seconds % 60:02d} s to go"


async def _change(known: Settings, notice: str, state: str, by: str, done: str) -> None:
    async with visiting(known) as house:
        try:
            changed = await house.notices.book.change(notice, cast("State", state), by)
        except Stale:
            fail("Somebody changed it at this moment. Look at `amana notice list`, then try again.")
    if not changed:
        fail(f"No notice {notice} that could be changed. `amana notice list` shows them.")
    typer.echo(f"{notice} {done}")
