"""`amana doctor`: everything that must be well, looked at once.

Rule 1: what must be done says how, and where it is written; the exit code is 1 as long as something must be done.
Rule 2: output is plain and aligned, coloured only on a terminal; nothing printed names a person.
"""

import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import typer

from bot.bootstrap.house import House
from bot.bootstrap.watch import BACKUP, OPERATOR
from bot.checks.check import check
from bot.cli.doctor_staff import staff_and_mail, try_mail
from bot.cli.findings import Findings
from bot.cli.folder import bundle_of
from bot.cli.masterkeys import masters_of
from bot.cli.revisions import visiting
from bot.config import Settings
from bot.conversation.group.groups import Groups
from bot.conversation.group.groupstate import outage
from bot.flow.bundle import SHOWN
from bot.ports import CaseIndex
from bot.storage.vitals import Health

if TYPE_CHECKING:
    from bot.storage.redis.durability import Durability
    from bot.storage.redis.store import RedisStore


BACKLOG: Final = 1000
"""Events waiting that are worth a look."""
FULL: Final = 70
"""Per cent of a server's memory from which an operator must act: at 100 nothing is accepted any more."""
ROOM: Final = 1 << 30
"""Bytes that a disk should have free."""
SKEW: Final = 5.0
"""Seconds that two clocks may be apart."""
OLD: Final = timedelta(days=2)
"""Age of the last backup that is too much."""
SOON: Final = timedelta(days=14)
GROUP_WRONG = {
    "no-group": "it is gone, or the bot was removed: make it a member and an administrator again.",
    "no-rights": "the bot may not write there: make it an administrator who may manage topics.",
}


async def examine(settings: Settings) -> int:
    """Print what is well and what is not; gives the exit code."""
    found = Findings()
    async with visiting(settings) as house:
        await _store(house, found)
        await _work(house, found)
        await _flows(house, found)
        await staff_and_mail(house, found)
        if settings.telegram_desk_group:
            await _groups(settings, house, found)
        await masters_of(house, found)
    await _telegram(settings, found)
    _keys(settings, found)
    typer.echo(f"{found.wrong} things must be looked at." if found.wrong else "All is well.")
    return 1 if found.wrong else 0


async def tries_mail(settings: Settings, address: str) -> int:
    """Send a letter to this address, to see whether it arrives; gives the exit code."""
    async with visiting(settings) as house:
        return await try_mail(house, address)


# ── the store ──
async def _store(house: House, found: Findings) -> None:
    health = await house.store.health()
    durability = getattr(house.store, "durability", None)
    if durability is None:
        await _file(house, health, found)
        return
    _promises(house.settings, durability, found)
    _server(durability, health, found)
    await _leases(house.store, found)  # type: ignore[arg-type]  # only a store on a server has found what it promises


async def _file(house: House, health: Health, found: Findings) -> None:
    shown = house.settings.store_shown
    found.say("store", f"{shown}: every write is on disk before it is confirmed (WAL, synchronous FULL)")
    free = health.free or 0
    found.say("disk", f"{_size(health.used)} used by the store, {_size(free)} free", ok=free >= ROOM)
    note = await house.store.note(OPERATOR, BACKUP)
    if note is None:
        found.say("backup", "never: amana backup FILE, then carry the file away", ok=False)
        return
    age = timedelta(seconds=house.clock.now() - float(house.vault.open_note(OPERATOR, BACKUP, note.value)))
    found.say("backup", f"{_long(age)} ago", ok=age <= OLD)


def _promises(settings: Settings, durability: "Durability", found: Findings) -> None:
    found.say("store", f"{settings.store_shown}, {durability.server}: {durability.loses}", ok=durability.fsync == "always")
    found.say("eviction", f"when its memory is full: {durability.policy}", ok=durability.policy == "noeviction")
    for one in durability.others:
        _beside(one, found)
    for name in durability.away:
        found.say("replica", f"{name} does not answer here", ok=False)
    if durability.failover_loses:
        enough = 0 < durability.asked <= min(one.replicas for one in durability.all if one.master)
        found.say("failover", durability.failover_loses, ok=enough)


def _beside(one: "Durability", found: Findings) -> None:
    """Another server, that is in charge of a part or may be in charge tomorrow."""
    part = "in charge of a part" if one.master else "a replica"
    safe = one.fsync == "always" and one.policy == "noeviction"
    found.say("server", f"{one.name}, {one.server}, {part}: {one.loses}; when its memory is full: {one.policy}", ok=safe)
    if one.maxmemory:
        share = one.used * 100 // one.maxmemory
        found.say("memory", f"{one.name}: {share} % of {_size(one.maxmemory)}", ok=share < FULL)


def _server(durability: "Durability", health: Health, found: Findings) -> None:
    if durability.maxmemory:
        share = health.used * 100 // durability.maxmemory
        how = "" if share < FULL else ": give it more, at 100 % nothing is accepted"
        found.say("memory", f"{share} % of {_size(durability.maxmemory)}{how}", ok=share < FULL)
    else:
        found.note("memory", f"{_size(health.used)} used, no limit set: the machine's own memory is the limit")
    written = "the last write went well" if health.appends else "the last write failed: look at its disk; nothing is accepted meanwhile"
    found.say("its file", f"{written}{', being written anew' if health.rewriting else ''}", ok=health.appends)
    found.note("replicas", f"{health.replicas}, writes need {durability.least}: they help to be back sooner, and are no backup")
    apart = f"{abs(health.skew):.1f} s {'ahead of' if health.skew > 0 else 'behind'} this machine's"
    found.say("clock", f"the server's is {apart}", ok=abs(health.skew) <= SKEW)


async def _leases(store: "RedisStore", found: Findings) -> None:
    held = dict(await store.holders())
    free = held.pop("", 0)
    shares = ", ".join(f"{name} {count}" for name, count in sorted(held.items()))
    found.say("workers", f"{len(held)}: {shares}" if held else "none: nobody is answered; amana run --only worker", ok=bool(held))
    if held:
        found.say("shards", f"{free} that no worker holds" if free else "each is held by a worker", ok=not free)


# ── what waits ──
async def _work(house: House, found: Findings) -> None:
    counts = await house.store.counts()
    lag = f", the oldest for {_long(timedelta(seconds=house.clock.now() - counts.oldest_inbox))}" if counts.oldest_inbox is not None else ""
    found.say("waiting", f"{counts.inbox} events{lag}; {counts.outbox} messages to send", ok=counts.inbox < BACKLOG)
    aside = "" if not counts.quarantine else ": the log names kind and place of each (docs/operating.md, An event was put aside)"
    found.say("put aside", f"{counts.quarantine} events{aside}", ok=counts.quarantine == 0)
    cases = await house.store.cases(states=("waiting",), teams=None, limit=BACKLOG)
    found.say("cases", f"{counts.cases_waiting} wait{_oldest(cases, house.clock.now())}, {counts.cases_claimed} with a caseworker")


def _oldest(cases: Sequence[CaseIndex], now: float) -> str:
    return f", the oldest for {_long(timedelta(seconds=now - min(one.since for one in cases)))}" if cases else ""


async def _groups(settings: Settings, house: House, found: Findings) -> None:
    from bot.channels.telegram.moves import moved_to

    groups = Groups(settings.written_groups)
    there = tuple(house.library.current().teams.teams) if house.library.head else ()
    for group in groups.all:
        name = f"group of {', '.join(group.teams)}" if group.key else "caseworkers' group"
        now = await moved_to(house.store, group.number, group.key)
        if now is not None:
            found.say("group", f"the {name} has another number: write TELEGRAM_DESK_GROUP={_anew(settings, group.number, now)}", ok=False)
        read = [team for team in there if groups.of(team) == group]
        if len(read) > 1:
            whose = f"the cases of {', '.join(read)}"
            found.say("group", f"the {name} reads {whose}, and people are told that one team sees what they share", ok=False)
        out = await outage(house.store, group.key)
        if out is None:
            found.say("group", f"the {name}: nothing says that it cannot be reached")
            continue
        since = datetime.fromtimestamp(out.since, UTC).strftime("%Y-%m-%d %H:%M")
        wrong = GROUP_WRONG[out.reason]
        found.say("group", f"the {name} cannot be reached since {since} UTC: {wrong} Cases wait at the desk.", ok=False)
    unknown = sorted(groups.named - set(there)) if there else []
    if unknown:
        found.say("group", f"TELEGRAM_DESK_GROUP names no team of teams.yaml: {', '.join(unknown)}", ok=False)


def _anew(settings: Settings, old: int, new: int) -> str:
    """The setting with one number replaced."""
    written = settings.telegram_desk_group.replace(",", " ").split()
    parts = (f"{team}{equals}{new if number == str(old) else number}" for team, equals, number in (one.rpartition("=") for one in written))
    return " ".join(parts) if len(written) == 1 else f"'{' '.join(parts)}'"


# ── what is said ──
async def _flows(house: House, found: Findings) -> None:
    await house.library.refresh()
    head = house.library.head
    found.say("flows", f"in force: {head.revision[:SHOWN]}" if head else "none in force yet: amana publish", ok=head is not None)
    bundle = bundle_of(house.settings.flows)
    same = head is not None and bundle.goes_by(head.revision)
    found.note("folder", "is what is in force" if same else "differs from what is in force: amana publish puts it live")
    problems = check(bundle, house.clock.today())
    wrong = sum(not problem.warning for problem in problems)
    found.say("checks", f"{wrong} problems, {len(problems) - wrong} warnings in the folder (amana check)", ok=not wrong)
    if head is not None:
        _contacts(house, found)


def _contacts(house: House, found: Findings) -> None:
    program, today = house.library.current(), house.clock.today()
    rows = program.directory.contacts.values()
    unchecked = sum(contact.verified_on is None for contact in rows)
    dates = Counter("over" if row.expires < today else "soon" if row.expires < today + SOON else "" for row in rows)
    found.say("stage", program.service.stage, ok=program.service.stage == "live")
    found.say("contacts", f"{len(rows)}; {unchecked} contacts nobody has rung yet", ok=not unchecked)
    said = f"{dates['over']} out of date and hidden, {dates['soon']} to be rung within {SOON.days} days"
    found.say("dates", said, ok=not dates["over"])


# ── what is outside ──
async def _telegram(settings: Settings, found: Findings) -> None:
    if settings.telegram_token is None:
        found.note("telegram", "off: TELEGRAM_TOKEN is not set")
        return
    from bot.channels.telegram.reach import reach

    failed = await reach(settings.telegram_api_url, settings.telegram_token.reveal())
    found.say("telegram", failed or "answers, and takes the token", ok=not failed)


def _keys(settings: Settings, found: Findings) -> None:
    folder = settings.keys.expanduser()
    if not folder.is_dir():
        found.say("keys", f"there is no folder {folder}: without the keys nothing can be read", ok=False)
        return
    open_ = folder.stat().st_mode & 0o077
    found.say("keys", f"{folder}{': others can read it, chmod 700' if open_ else ''}; is there a copy elsewhere?", ok=not open_)
    free = shutil.disk_usage(folder).free
    found.say("key disk", f"{_size(free)} free", ok=free >= ROOM // 100)


def _size(count: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1024:
            return f"{count} {unit}"
        count //= 1024
    return f"{count} GB"


def _long(age: timedelta) -> str:
    seconds = max(0, int(age.total_seconds()))
    if seconds < 120:
        return f"{seconds} seconds"
    if seconds < 7200:
        return f"{seconds // 60} minutes"
    return f"{seconds // 3600} hours" if seconds < 48 * 3600 else f"{seconds // 86400} days"
