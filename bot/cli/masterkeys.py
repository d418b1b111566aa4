"""The work of `amana keys`: which masters there are, a new one, and the end of an old one.

Rule 1: no key and no name of anybody is printed.
Rule 2: a master is destroyed only when nothing is under it, twice in a row with time between, and every process uses the newest.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import typer

from bot.bootstrap.house import House
from bot.cli.environment import fail
from bot.cli.findings import Findings
from bot.cli.revisions import visiting
from bot.config import Settings
from bot.conversation.keeping.masters import SETTLED, Use
from bot.storage.files import KeysRefused, made_at

Counted = Mapping[str, Counter[str]]
"""Master → how many people, cases and farewells are under it; empty: under none that there is."""
PLURALS: Final = {"person": ("person", "people"), "case": ("case", "cases"), "farewell": ("farewell", "farewells")}
WIDE: Final = 24
"""Characters of a drawn bar."""


async def counted(house: House) -> Counted:
    """Give how many keys of each kind are under each master."""
    found = {name: Counter[str]() for name in ("", *house.vault.masters)}
    async for page in house.store.wrapped():
        for one in page:
            if one.wraps:
                found[house.vault.under(one.wraps)][one.kind] += 1
    return found


def said(count: Counter[str]) -> str:
    """Give a count in words."""
    return ", ".join(f"{count[kind]} {words[count[kind] != 1]}" for kind, words in PLURALS.items() if count[kind]) or "nothing"


# ── what there is ──
async def show(settings: Settings) -> None:
    """List the masters, what is under each, and who uses which."""
    async with visiting(settings, lacking=True) as house:
        found, uses = await counted(house), await house.masters.uses()
        missing = sorted(house.masters.needed - set(house.vault.masters))
        newest, *older = house.vault.masters
        typer.echo(f"{house.keys.path.absolute()}")
        for name in house.vault.masters:
            mark, what = ("*", "wraps what is new") if name == newest else (" ", "")
            typer.echo(f"{mark} {name}  since {made_at(name):%Y-%m-%d %H:%M}  {what:<17}  {said(found[name])}")
        for name in missing:
            typer.echo(f"! {name}  its file is missing: put back the copy of the keys")
        if found[""]:
            typer.echo(f"! under no key of this folder: {said(found[''])}")
        _show_way(found, older)
        for line in _in_use(uses, newest):
            typer.echo(line)


def _show_way(found: Counted, older: list[str]) -> None:
    """How far rewrapping has come, and what is next."""
    behind = sum(found[name].total() for name in older)
    if behind:
        share = 1 - behind / sum(count.total() for name, count in found.items() if name)
        typer.echo(f"[{('#' * int(share * WIDE)).ljust(WIDE, '.')}] {int(share * 100):>3} %  the running server wraps the rest again")
    for name in older:
        if not found[name]:
            typer.echo(f"Nothing is under {name} any more: amana keys drop {name}")


def _in_use(uses: Mapping[str, Use], newest: str) -> Iterable[str]:
    if not uses:
        yield "No server runs."
    for process, use in sorted(uses.items()):
        since = datetime.fromtimestamp(use.since, UTC).strftime("%Y-%m-%d %H:%M:%S")
        yield f"{process}  {f'uses the newest since {since}' if use.newest == newest else 'has not seen the newest one yet'}"


async def masters_of(house: House, found: Findings) -> None:
    """What `amana doctor` says of them."""
    newest, *older = house.vault.masters
    age = (datetime.fromtimestamp(house.clock.now(), UTC) - made_at(newest)) // timedelta(days=1)
    held = await counted(house)
    behind = Counter[str]()
    for name in older:
        behind += held[name]
    under = f"; {said(behind)} still under older ones (amana keys)" if behind else f"; older ones to drop: {len(older)}" if older else ""
    found.say("masters", f"the newest is {age} {'day' if age == 1 else 'days'} old{under}")
    if held[""]:
        found.say("masters", f"{said(held[''])} under no key of this folder: is a newer copy of the keys elsewhere?", ok=False)


# ── a new one ──
async def rotate(settings: Settings) -> None:
    """Make a new master."""
    async with visiting(settings) as house:
        older = house.vault.masters
        try:
            house.vault.take_up(house.keys.add_master(house.clock.now()))
        except OSError as error:
            fail(f"No key was made: {house.keys.path} cannot be written ({error.strerror}).")
        await house.masters.look()
        newest = house.vault.masters[0]
    typer.echo(f"New master key: {newest}. Running servers use it within a second, and wrap everything again under it.")
    typer.echo(f"1. Copy {settings.keys} now to where its copy is kept: what is written from now on opens only with the new key.")
    typer.echo(f"2. amana keys   shows how far it has come. When nothing is under {older[0]} any more:\n   amana keys drop {older[0]}")


# ── the end of an old one ──
async def drop(settings: Settings, begins: str, *, yes: bool) -> None:
    """Destroy an older master that nothing needs."""
    async with visiting(settings, lacking=True) as house:
        name = _older(house, begins)
        await _must_be_free(house, name)
        if not yes:
            _must_agree(house, name)
        typer.echo(f"Nothing is under {name}. Looking once more in {SETTLED:.0f} seconds: something may still be on its way.")
        await asyncio.sleep(SETTLED)
        await _must_be_free(house, name)
        await house.masters.drop(name)
        if house.keys.has(name):
            house.keys.drop_master(name)
    typer.echo(
        f"Dropped: {name}. Delete master-{name}.key from every copy of the keys too: until then whoever has a copy can open old backups.\n"
        "Backups from before can be opened by nobody then, you included: make a new one now (amana backup FILE)."
    )


def _older(house: House, begins: str) -> str:
    newest = house.vault.masters[0]
    known = sorted({*house.vault.masters, *house.masters.needed})
    found = [name for name in known if name.startswith(begins)] if begins else []
    if len(found) != 1:
        fail(f"{len(found) or 'No'} master keys begin with {begins}. `amana keys` shows them.")
    if found[0] == newest:
        fail(f"{newest} is the newest: everything that is new is wrapped with it. Make another first: amana keys rotate")
    return found[0]


async def _must_be_free(house: House, name: str) -> None:
    """End if anything is under this master, or may still come under it."""
    newest, now = house.vault.masters[0], house.clock.now()
    try:
        house.keys.load()  # whatever is kept opens with the newest only, once the old one is gone
    except KeysRefused as refused:
        fail(f"Not dropped. {refused}")
    for process, use in sorted((await house.masters.uses()).items()):
        if use.newest != newest:
            fail(f"Not dropped: {process} has not seen the newest master key yet. It looks each second; else start it anew.")
        if now - use.since < SETTLED:
            wait = SETTLED - (now - use.since)
            fail(f"Not dropped: {process} has used the newest master key for a moment only. Try again in {wait:.0f} seconds.")
    found = await counted(house)
    held = found.get(name, found[""])  # of a file that is missing it is only known that nothing else opens them
    if held:
        farewells = " Farewells end within the hour." if held["farewell"] else ""
        running = "The running server wraps them again: `amana keys` shows how far it has come."
        fail(f"Not dropped: {said(held)} still under {name}. {running}{farewells}")


def _must_agree(house: House, name: str) -> None:
    if not sys.stdin.isatty():
        fail("Nothing was dropped: there is nobody to ask. Add --yes if that is meant.", 2)
    typer.echo(f"Is {house.vault.masters[0]} in your copy of the keys? Without {name} no backup from before can be opened any more.")
    if not typer.confirm("Drop it?"):
        fail("Nothing was dropped.")
