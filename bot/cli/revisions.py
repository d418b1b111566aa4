"""Putting flows in force from the command line, and going back.

Rule 1: nothing with a problem or a failing test goes live; the running server takes up a change within a second.
Rule 2: a folder never takes the place of what it does not know: changes made in the studio are not undone by a publish.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.bootstrap.build import build_house
from bot.bootstrap.flows import FlowsRefused, checked
from bot.bootstrap.house import House
from bot.bootstrap.unlock import opened
from bot.cli.environment import fail, one_line
from bot.cli.folder import bundle_of
from bot.config import Settings
from bot.conversation.keeping.library import CannotRun, Deed, Head, WasRecalled
from bot.flow.bundle import SHOWN, Bundle
from bot.ports import Stale, StoreUnavailable
from bot.storage.files import FlowFolder

NO_STORE = "start Amana once, and run this in the same folder with the same AMANA_ settings."
"""A command in the wrong folder must not make an empty store there and answer from it."""
NOTHING_YET = "Nothing is in force yet. The first start imports flows/."


def must_exist(settings: Settings) -> None:
    """End if there is no store; one on a server is asked when it is opened."""
    if settings.embedded and not settings.sqlite_path.is_file():
        typer.echo(f"There is no store at {settings.sqlite_path.absolute()}: {NO_STORE}", err=True)
        raise typer.Exit(1)


@asynccontextmanager
async def visiting(settings: Settings, *, new: bool = False, lacking: bool = False) -> AsyncIterator[House]:
    """Open the store beside a server that may be running; only with `new` may it make one, only with `lacking` may a master be missing."""
    if not new:
        must_exist(settings)
    house = build_house(settings, guest=True)
    try:
        await opened(house, lacking=lacking)
    except StoreUnavailable as error:
        typer.echo(
            f"The store {settings.store_shown} cannot be opened: {error} Start it, or correct AMANA_STORE (docs/storage.md).", err=True
        )
        raise typer.Exit(1) from None
    try:
        yield house
    finally:
        await house.store.close()


@contextmanager
def said(*, unknown: str = "", older: str = "") -> Iterator[None]:
    """Say what the library refused, and end; a refusal that no sentence is given for is our bug and stays one."""
    try:
        yield
    except Stale:
        sentence = "Somebody published at this moment. Look at `amana revisions`, then try again."
    except WasRecalled:
        sentence = "Nothing was changed: this was recalled, because it did harm. To put it in force all the same, say --recalled."
    except KeyError:
        if not unknown:
            raise
        sentence = unknown
    except CannotRun:
        if not older:
            raise
        sentence = older
    else:
        return
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


# ── a folder in force ──
async def publish_folder(
    settings: Settings, folder: Path, *, by: str, why: str, over: bool = False, only_show: bool = False, recalled: bool = False
) -> None:  # fmt: skip
    """Check, show what is different, run the tests, and publish."""
    bundle = bundle_of(folder)
    async with visiting(settings, new=True) as house:
        _must_be_sound(bundle, house)
        head = await house.library.look()
        if head is not None and bundle.goes_by(head.revision):
            typer.echo(f"{short(head.revision)} is in force already.")
            FlowFolder(folder).comes_from(head.revision)
            return
        if head is not None:
            before = await house.library.bundle(head.revision)
            _show_difference(before, bundle, house)
            _must_be_answered_for(before, bundle, why="" if only_show else why, only_show=only_show)
        if only_show:
            return
        if head is not None and not over:
            _must_know(head, FlowFolder(folder).origin())
        _must_pass(bundle)
        deed = Deed(at=house.clock.now(), by=by, why=why, revision=bundle.revision)
        with said():
            await house.library.put_in_force(bundle, deed, onto=head.revision if head is not None else "", recalled=recalled)
        FlowFolder(folder).comes_from(bundle.revision)
        typer.echo(f"In force: {short(bundle.revision)}")


def _must_be_sound(bundle: Bundle, house: House) -> None:
    try:
        checked(bundle, house.clock.today())
    except FlowsRefused as refused:
        for problem in refused.problems:
            typer.echo(str(problem), err=True)
        many = len(refused.problems)
        typer.echo(f"Not published: {many} {'problem' if many == 1 else 'problems'}.", err=True)
        raise typer.Exit(1) from None


def _must_pass(bundle: Bundle) -> None:
    from bot.studio.bundle.trials import tried

    failed = [trial for trial in tried(bundle) if not trial.passed]
    for trial in failed:
        typer.echo(str(trial), err=True)
    if failed:
        fail(f"Not published: {len(failed)} {'test fails' if len(failed) == 1 else 'tests fail'}.")


def _must_know(head: Head, origin: str) -> None:
    """End if something was published from the studio since the folder was made; what other folders did is for those who keep them."""
    since = next((place for place in reversed(range(len(head.deeds))) if head.deeds[place].revision == origin), -1)
    unknown = [deed for deed in head.deeds[since + 1 :] if deed.draft]
    if unknown:
        told = "\n".join(f"  {_when(deed.at)}  {short(deed.revision)}  {said_of(deed)}" for deed in unknown)
        fail(
            f"Not published: this was published from the studio since this folder was made, and would be undone:\n{told}\n"
            "Bring it into the folder: amana revisions merge DIR. Or put the folder in its place: --over."
        )


def _show_difference(before: Bundle, after: Bundle, house: House) -> None:
    from bot.cli.telling import lines_of
    from bot.studio.comparing.difference import difference

    for line in lines_of(difference(before, after), house.words.say):
        typer.echo(line)


def _must_be_answered_for(before: Bundle, after: Bundle, *, why: str, only_show: bool) -> None:
    """Say what is taken away of what protects people; end if nobody says why, or if a flow lost its last test."""
    from bot.studio.bundle.compiled import losses

    found = losses(before, after)
    for loss in found:
        typer.echo(str(loss), err=True)
    if only_show:
        return
    if any(not loss.warning for loss in found):
        fail("Not published: a flow has no test any more.")
    if found and not why.strip():
        fail('Not published: this takes away what protects people. Say why: --why "…".')


# ── what was in force ──
async def show(settings: Settings) -> None:
    """List what was put in force, and how many conversations are on each revision."""
    async with visiting(settings) as house:
        head = await house.library.look()
        if head is None:
            typer.echo(NOTHING_YET)
            return
        counted = await house.studio.census.count()
        last = {deed.revision: place for place, deed in enumerate(head.deeds)}
        for place, deed in enumerate(head.deeds):
            mark = "*" if place == len(head.deeds) - 1 else " "
            what = f"{deed.kind} {short(deed.off)}" if deed.kind == "recall" else deed.kind
            crowd = counted.on(deed.revision) if last[deed.revision] == place else None
            people = _people(crowd.people) if crowd else ""
            typer.echo(f"{mark} {_when(deed.at)}  {short(deed.revision)}  {what:<10}  {said_of(deed)}{people}")
        if not counted.whole:
            typer.echo(f"Conversations: of {sum(crowd.people for crowd in counted.crowds)} people drawn by chance, not of all.")


def said_of(deed: Deed) -> str:
    """Give who did a deed and why, in a line."""
    who = deed.by
    if deed.authors:
        who += f" (written by {', '.join(deed.authors)}; yes of {deed.approved})"
    return f"{who:<12}  {one_line(deed.why)}"


def _people(people: int) -> str:
    return f"  [{people or 'fewer than 10'} conversations]"


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


async def export(settings: Settings, folder: Path, revision: str, *, force: bool) -> None:
    """Write a revision out, or what is in force."""
    from bot.cli.folders import told_paths, written_out

    async with visiting(settings) as house:
        head = await _in_force(house)
        revision = await full_name(house, revision) if revision else head.revision
        changed = await written_out(house.library, folder, await house.library.bundle(revision), revision, force=force)
    told_paths(folder, changed)


async def merge(settings: Settings, folder: Path) -> None:
    """Bring a folder onto what is in force."""
    from bot.cli.folders import merged_into

    mine, origin = bundle_of(folder), FlowFolder(folder).origin()
    async with visiting(settings) as house:
        head = await _in_force(house)
        if not origin:
            fail(f"{folder} does not say which revision it was made from. Write one out beside it: amana revisions export OTHER")
        with said(unknown=f"{folder} was made from {short(origin)}, which this store never had."):
            await merged_into(house.library, folder, origin, mine, await house.library.bundle(head.revision))


async def roll_back(settings: Settings, revision: str, *, by: str, why: str, recalled: bool = False) -> None:
    """Put an older revision in force: this one, or the one before."""
    async with visiting(settings) as house:
        head = await _in_force(house)
        revision = await full_name(house, revision) if revision else _before(head)
        if revision == head.revision:
            fail(f"{short(revision)} is in force already.")
        with said(older=f"{short(revision)} was made for an older Amana, which this one cannot run. Nothing was changed."):
            await house.library.rollback(revision, by=by, why=why, onto=head.revision, recalled=recalled)
        typer.echo(f"In force: {short(revision)}")


async def recall_(settings: Settings, revision: str, *, by: str, why: str) -> None:
    """Recall a revision."""
    async with visiting(settings) as house:
        revision = await full_name(house, revision)
        with said(unknown=f"{short(revision)} is in force: put another in force first (`amana rollback` or `amana publish`)."):
            await house.library.recall(revision, by=by, why=why)
        typer.echo(f"Recalled: {short(revision)}. Its conversations move at their next turn.")


async def full_name(house: House, begins: str) -> str:
    """Give the revision whose name begins so; ends if there is none, or more than one."""
    head = await _in_force(house)
    found = sorted({deed.revision for deed in head.deeds if begins and deed.revision.startswith(begins)})
    if begins in found:
        return begins
    if not found:
        fail(f"No revision {begins}. `amana revisions` shows them.")
    if len(found) > 1:
        fail(f"{len(found)} revisions begin with {begins}: {', '.join(found)}")
    return found[0]


def short(revision: str) -> str:
    """Give how a revision's name begins, as it is shown; every command takes that."""
    return revision[:SHOWN]


async def _in_force(house: House) -> Head:
    head = await house.library.look()
    if head is None:
        fail(NOTHING_YET)
    return head


def _before(head: Head) -> str:
    """The revision that was in force before this one and was not recalled."""
    older = [deed.revision for deed in head.deeds if deed.revision != head.revision and deed.revision not in head.recalled]
    if not older:
        fail("There is nothing before what is in force that was not recalled.")
    return older[-1]
