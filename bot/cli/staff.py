"""`amana staff`: accounts of colleagues, from the command line.

Rule 1: this file only says what may be typed; `bot.cli.accounts` does the work, and is opened when it is needed.
"""

import asyncio
from typing import Annotated

import typer

from bot.cli.environment import settings

staff = typer.Typer(no_args_is_help=True, help="Accounts of colleagues.", rich_markup_mode=None)
Id = Annotated[str, typer.Argument(metavar="ID", help="A short id, for example amina.")]
AGAIN = "may be given again"
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", help=f"caseworker, supervisor, flow-admin, publisher, reporter, operator; {AGAIN}. Without it: caseworker."),
]


@staff.command("add")
def add(
    id_: Id,
    *,
    language: Annotated[str, typer.Option(help="Language of their desk: ar, fr or en. Without it: AMANA_DESK_LANGUAGE.")] = "",
    team: Annotated[list[str] | None, typer.Option(help=f"A team of teams.yaml, or all; {AGAIN}. Without it: all.")] = None,
    role: Roles = None,
    speaks: Annotated[list[str] | None, typer.Option(help=f"A language they answer in, or any; {AGAIN}.")] = None,
    country: Annotated[list[str] | None, typer.Option(help=f"A country they answer for, or any; {AGAIN}.")] = None,
    line: Annotated[list[str] | None, typer.Option(help=f"second-line, on-call or none: told when nobody claims; {AGAIN}.")] = None,
    mail: Annotated[str, typer.Option(help="Where a neutral e-mail may go when a case waits, or none.")] = "",
    capacity: Annotated[int, typer.Option(help="Open cases at once; 0 = no limit.", min=-1, show_default=False)] = -1,
) -> None:
    """Invite a colleague: print a link that works once, for three days. Of one that exists, change what is given."""
    from bot.cli import accounts

    wish = accounts.Wish(
        language=language, teams=team or [], roles=role or [], speaks=speaks or [], countries=country or [], lines=line or [], mail=mail,
        capacity=capacity,
    )  # fmt: skip
    asyncio.run(accounts.add(settings(), id_, wish))


@staff.command("list")
def list_() -> None:
    """Show the accounts: roles, teams, languages, absence, sessions, day last seen."""
    from bot.cli import accounts

    asyncio.run(accounts.show(settings()))


@staff.command()
def log(
    id_: Annotated[str, typer.Argument(metavar="[ID]", help="Of this account only, also one that was taken away.")] = "",
    *,
    days: Annotated[int, typer.Option(help="Of so many days back.", min=1)] = 365,
) -> None:
    """Show who changed rights and when: accounts, roles, teams, links, passwords, sessions. Kept for a year."""
    from bot.cli import accounts

    asyncio.run(accounts.log(settings(), id_, days))


@staff.command()
def reset(id_: Id) -> None:
    """End all sessions of an account and print a link that sets a new password, once, within the hour."""
    from bot.cli import accounts

    asyncio.run(accounts.reset(settings(), id_))


@staff.command()
def remove(id_: Id) -> None:
    """Take an account away; its sessions end at once."""
    from bot.cli import accounts

    asyncio.run(accounts.remove(settings(), id_))


@staff.command()
def roles(id_: Id, role: Annotated[list[str], typer.Argument(metavar="ROLE...")]) -> None:
    """Give an account exactly these roles."""
    from bot.cli import accounts

    asyncio.run(accounts.give_roles(settings(), id_, role))


@staff.command()
def away(
    id_: Id,
    until: Annotated[str, typer.Option(help="YYYY-MM-DD or YYYY-MM-DDTHH:MM, local to the first country served.")],
) -> None:
    """Say until when a colleague is away: they get no case and are told nothing."""
    from bot.cli import accounts

    asyncio.run(accounts.away(settings(), id_, until))


@staff.command()
def back(id_: Id) -> None:
    """Say that a colleague is on duty again."""
    from bot.cli import accounts

    asyncio.run(accounts.back(settings(), id_))
