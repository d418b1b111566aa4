"""`amana doctor` on how staff are told: who stands on which line, where nobody does, and whether letters go out.

Rule 1: accounts are named by their id, as `amana staff list` does; no address is printed but the one that was typed.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import typer

from bot.bootstrap.deskside import mail_of
from bot.bootstrap.house import House
from bot.bootstrap.system import chance
from bot.cli.findings import Findings
from bot.conversation.alerting.letters import mail_outage
from bot.conversation.staffing.rights import may
from bot.conversation.staffing.staff import StaffMember
from bot.flow.program import Program
from bot.ports import Outgoing, SendFailed

WHY = {
    "not-reached": "it does not answer",
    "too-slow": "it does not answer in time",
    "no-tls": "the line cannot be made safe, so nothing is sent: STARTTLS, or smtps://",
    "bad-certificate": "its certificate is not vouched for, so nothing is sent",
    "sign-in": "it does not take user and password",
    "sender": "it does not let us write as AMANA_MAIL_FROM",
    "address": "it does not take this address",
    "server": "it asks to come again later",
    "refused": "it does not take the letter: look at SPF, DKIM and DMARC of the sender's domain",
}
NOBODY = "no account yet, so nobody is told: amana staff add ID"
LINES = ("second-line", "on-call")


async def staff_and_mail(house: House, found: Findings) -> None:
    """Say who is told, and whether they can be."""
    members = await house.staff.all()
    now = house.clock.now()
    here = sum(member.away_until <= now for member in members)
    found.say("staff", f"{len(members)} accounts, {here} of them not away" if members else NOBODY, ok=bool(members))
    if members and house.library.head is not None:
        _teams(house, house.library.current(), members, found)
    if house.alarms.letters.on:
        _addresses(members, found)
    await _mail(house, found)


def _teams(house: House, program: Program, members: Iterable[StaffMember], found: Findings) -> None:
    answering = [member for member in members if may(member, "answer")]
    for team in program.teams.teams.values():
        crew = [member.id for member in answering if not member.teams or team.id in member.teams]
        alone = "nobody can answer its cases at the desk: amana staff add ID --team " + team.id
        ok = bool(crew) or house.groups.of(team.id) is not None
        found.say("team", f"{team.id}: {_names(crew) or alone}", ok=ok)
    told = {step.to: team.id for team in program.teams.teams.values() for step in team.alert}
    for line in LINES:
        crew = [member.id for member in members if line in member.lines]
        if line in told or crew:
            nobody = f"nobody stands on it, and {told.get(line)} alerts it: amana staff add ID --line {line}"
            found.say("line", f"{line}: {_names(crew) or nobody}", ok=bool(crew))


def _addresses(members: Iterable[StaffMember], found: Findings) -> None:
    told = [member for member in members if may(member, "answer") or may(member, "all-staff") or member.lines]
    without = [member.id for member in told if not member.mail or not member.mailed]
    if without:
        found.note("e-mail", f"no second way to be told: {_names(without)} (amana staff add ID --mail ADDRESS)")
    elif told:
        found.say("e-mail", "everyone who is told has an address")


async def _mail(house: House, found: Findings) -> None:
    settings = house.settings
    if not house.alarms.letters.on:
        found.note("mail", "off: AMANA_MAIL_SERVER is not set, staff have no second way to be told")
        return
    wrong, waiting = await mail_outage(house.store), await house.alarms.letters.waiting()
    if wrong is None:
        found.say("mail", f"as {settings.mail_from}; {waiting} letters wait. amana doctor --mail ADDRESS sends one to try")
        return
    since = datetime.fromtimestamp(wrong.since, UTC).strftime("%Y-%m-%d %H:%M")
    found.say("mail", f"letters do not go out since {since} UTC: {WHY.get(wrong.reason, wrong.reason)}; {waiting} wait", ok=False)


async def try_mail(house: House, address: str) -> int:
    """Send a test letter to this address; gives the exit code."""
    mail = mail_of(house.settings)
    if mail is None:
        typer.echo("AMANA_MAIL_SERVER is not set", err=True)
        return 1
    language = house.settings.desk_language
    lines = (house.words.say(id_, language) for id_ in ("letter.test.subject", "letter.test", "letter.foot"))
    letter = Outgoing(kind="letter", language=language, id=chance(24), text="\n\n".join(lines))
    try:
        await mail.send(address, letter)
    except SendFailed as failed:
        why = str(getattr(failed, "why", failed.reason))
        typer.echo(f"not sent: {WHY.get(why, why)}", err=True)
        return 1
    typer.echo("The server took it. Look whether it arrives, and not among unwanted mail.")
    return 0


def _names(ids: Iterable[str]) -> str:
    return ", ".join(ids)
