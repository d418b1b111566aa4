"""The work of `amana staff`.

Rule 1: a one-time link is printed only to a terminal.
Rule 2: whoever has this machine may give any role; even so nobody takes the last operator away.
"""

import sys
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import typer

from bot.bootstrap.house import House
from bot.cli.environment import fail
from bot.cli.revisions import visiting
from bot.config import Settings
from bot.conversation.staffing.absence import away_until, shown
from bot.conversation.staffing.door import Kind
from bot.conversation.staffing.rights import ROLES
from bot.conversation.staffing.rightsbook import RightsChange, What
from bot.conversation.staffing.staff import LINES, LastOperator, StaffMember, is_id, is_mail
from bot.flow.service import Service

LANGUAGES = ("ar", "fr", "en")
LAST = "This is the last operator. Give somebody else the role first: amana staff roles ID operator."
WORKS = {"enter": "It works once, within the hour.", "reset": "It works once, within the hour.", "invite": "It works once, for three days."}

WHAT: dict[What, str] = {
    "added": "account made", "grouped": "account made in the group", "removed": "account taken away", "roles": "roles", "teams": "teams",
    "link": "link issued", "password": "password set, other sessions ended", "telegram": "Telegram linked", "untied": "Telegram unlinked",
    "ended": "sessions ended",
}  # fmt: skip


class Wish(NamedTuple):
    """What was typed of an account; what is empty (`capacity`: -1) was not."""

    language: str
    teams: Sequence[str]
    roles: Sequence[str]
    speaks: Sequence[str]
    countries: Sequence[str]
    lines: Sequence[str]
    mail: str
    capacity: int


async def add(settings: Settings, id_: str, wish: Wish) -> None:
    """Add an account and print its invitation; of one that exists, change only what is given."""
    if not is_id(id_):
        fail("An id has small and capital letters, digits and - only, at most 40.", 2)
    async with visiting(settings) as house:
        await house.library.refresh()
        given = _given(house, wish)
        old = await house.staff.member(id_)
        if old is None:
            fields = {"language": settings.desk_language, **given}
            member = await house.staff.add(id_, **fields)
        else:
            member = await _changed(house, old, given)
        typer.echo(f"{id_} is {'still ' if old else ''}{member.name}; {', '.join(member.roles)}; teams: {', '.join(member.teams) or 'all'}")
        if old is None or not await house.door.has_password(member):
            await _print_link(house, member, "invite")


def _given(house: House, wish: Wish) -> dict[str, Any]:
    known = house.library.head is not None
    teams = house.library.current().teams.teams if known else {}
    countries = house.library.current().service.countries if known else {}
    if wish.mail and wish.mail != "none" and not is_mail(wish.mail):
        fail(f"{wish.mail} is no e-mail address.", 2)
    given: dict[str, Any] = {
        "language": next(iter(_of("language", [wish.language] if wish.language else [], LANGUAGES)), None),
        "teams": _of("team", wish.teams, teams, every="all"),
        "roles": _of("role", wish.roles, ROLES),
        "speaks": _of("language", wish.speaks, LANGUAGES, every="any"),
        "countries": _of("country", wish.countries, countries, every="any"),
        "lines": _of("line", wish.lines, LINES, every="none"),
    }
    asked = {"teams": wish.teams, "speaks": wish.speaks, "countries": wish.countries, "lines": wish.lines}
    given = {name: value for name, value in given.items() if value or asked.get(name)}
    if wish.mail:
        given["mail"] = "" if wish.mail == "none" else wish.mail
    if wish.capacity >= 0:
        given["capacity"] = wish.capacity
    return given


def _of(what: str, wished: Sequence[str], there: Collection[str], *, every: str = "") -> tuple[str, ...]:
    """The wished ones, none for `every`; ends the command if one is not there."""
    if every and every in wished:
        return ()
    unknown = [one for one in wished if one not in there]
    if unknown:
        fail(f"No {what} {', '.join(unknown)}; there are: {', '.join(there) or 'none yet'}", 2)
    return tuple(dict.fromkeys(wished))


async def show(settings: Settings) -> None:
    """List accounts."""
    async with visiting(settings) as house:
        await house.library.refresh()
        sessions, now = await house.door.all_sessions(), house.clock.now()
        service = house.library.current().service if house.library.head else None
        rows: list[tuple[str, ...]] = []
        for member in await house.staff.list():
            visits = sessions.get(member.id, [])
            seen = shown(visits[0].session.seen, service)[:10] if visits and service else "-"
            away = f"away until {shown(member.away_until, service)}" if member.away_until > now and service else "on duty"
            roles, teams, speaks = "+".join(member.roles), ", ".join(member.teams) or "all teams", "+".join(member.speaks) or "any"
            rows.append((member.id, member.name, member.language, roles, teams, speaks, away, f"{len(visits)} open, seen {seen}"))
        _show(rows)


async def log(settings: Settings, id_: str, days: int) -> None:
    """List who changed rights, the latest last."""
    async with visiting(settings) as house:
        await house.library.refresh()
        service = house.library.current().service if house.library.head else None
        since = house.clock.now() - days * 86400.0
        found = [one for one in await house.staff.rights.all(of=id_) if one.at >= since]
    _show([(_when(one.at, service), f"{one.whom} ({one.tree})", _what(one), _by(one)) for one in reversed(found)])


def _when(at: float, service: Service | None) -> str:
    if service is not None:
        return shown(at, service).replace("T", " ")
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def _what(one: RightsChange) -> str:
    said = WHAT[one.what]
    if one.what in ("roles", "teams"):
        every = "all" if one.what == "teams" else "none"
        return f"{said}: {', '.join(one.before) or every} -> {', '.join(one.after) or every}"
    if one.what == "added":
        return f"{said}: {', '.join(one.after)}; teams: {', '.join(one.teams) or 'all'}"
    named = one.after or one.before
    return f"{said}: {', '.join(named)}" if named else said


def _by(one: RightsChange) -> str:
    if not one.by:
        return "by itself" if one.what == "grouped" else "by command"
    return "by themselves" if one.by == one.whom else f"by {one.by} ({one.by_tree})"


def _show(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


async def reset(settings: Settings, id_: str) -> None:
    """End all sessions of the account and print a link that sets a password."""
    async with visiting(settings) as house:
        await _print_link(house, await house.door.end_all(await _known(house, id_)), "reset")


async def remove(settings: Settings, id_: str) -> None:
    """Take an account away."""
    async with visiting(settings) as house:
        await _known(house, id_)
        try:
            await house.staff.remove(id_)
        except LastOperator:
            fail(LAST)
    typer.echo(f"{id_} can no longer sign in, and is signed out everywhere.")
    typer.echo("A case they had taken can be taken by a colleague once it was left alone for 12 hours.")


async def give_roles(settings: Settings, id_: str, roles: Sequence[str]) -> None:
    """Set the roles of an account."""
    chosen = _of("role", roles, ROLES)
    async with visiting(settings) as house:
        member = await _changed(house, await _known(house, id_), {"roles": chosen})
    typer.echo(f"{id_} ({member.name}) is {', '.join(member.roles)}, from now on.")


async def away(settings: Settings, id_: str, until: str) -> None:
    """Say until when somebody is away."""
    async with visiting(settings) as house:
        await house.library.refresh()
        if house.library.head is None:
            fail("No flows are in force yet, so no country says what time it is. Start Amana once.")
        service = house.library.current().service
        then = away_until(until, service, house.clock.now())
        if then is None:
            fail(f"{until} is no day or time to come, like 2027-01-31 or 2027-01-31T08:00.", 2)
        member = await _changed(house, await _known(house, id_), {"away_until": then})
        typer.echo(f"{id_} ({member.name}) is away until {shown(member.away_until, service).replace('T', ' ')}.")


async def back(settings: Settings, id_: str) -> None:
    """Say that somebody is on duty."""
    async with visiting(settings) as house:
        member = await _changed(house, await _known(house, id_), {"away_until": 0.0})
    typer.echo(f"{id_} ({member.name}) is on duty.")


# ── inside ──
async def _known(house: House, id_: str) -> StaffMember:
    member = await house.staff.member(id_)
    if member is None:
        fail(f"No account {id_}. `amana staff list` shows them.")
    return member


async def _changed(house: House, member: StaffMember, fields: dict[str, Any]) -> StaffMember:
    try:
        return await house.staff.change(member, **fields)
    except LastOperator:
        fail(LAST)


async def _print_link(house: House, member: StaffMember, kind: Kind) -> None:
    if not sys.stdout.isatty():
        fail("A link is printed only to a terminal.")
    typer.echo(f"{house.settings.url}/signin?token={await house.door.link(member, kind)}")
    typer.echo(WORKS[kind])
