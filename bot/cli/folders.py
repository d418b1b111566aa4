"""Flow folders and revisions: writing a revision out, and taking a folder's changes onto what is in force.

Rule 1: nothing is written over that is nowhere else: neither in git nor among the revisions of the store.
"""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import typer

from bot.cli.environment import fail, one_line
from bot.flow.bundle import NAME, OLD_NAME, Bundle
from bot.storage.files import FlowFolder, FolderRefused
from bot.studio.editing.bringing import brought_onto

SHOWN = 8


class Revisions(Protocol):
    """What is kept of revisions (`bot.conversation.keeping.library.StoreLibrary`)."""

    async def bundle(self, revision: str) -> Bundle:
        """Give what a revision holds; raises `KeyError`."""
        ...


async def written_out(library: Revisions, folder: Path, bundle: Bundle, origin: str, *, force: bool) -> tuple[str, ...]:
    """Make a folder hold exactly this bundle; gives the paths that changed. Ends if that would lose what is nowhere else."""
    place = FlowFolder(folder)
    try:
        now = place.read()
        lost = [] if force else await _unsaved(library, folder, now, bundle)
        if lost:
            named = ", ".join(lost[:SHOWN]) + (f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else "")
            fail(f"Nothing was written. These hold what is nowhere else: {named}.\nCommit them first, or say --force.")
        changed = place.become(bundle)
    except FolderRefused as refused:
        fail(str(refused))
    except OSError as error:
        fail(f"{folder} cannot be written: {error.strerror}")
    place.comes_from(origin)
    return changed


def told_paths(folder: Path, changed: Sequence[str]) -> None:
    """Say what was written."""
    for path in changed[:SHOWN]:
        typer.echo(f"  {path}")
    if len(changed) > SHOWN:
        typer.echo(f"  … and {len(changed) - SHOWN} more")
    typer.echo(
        f"{len(changed)} {'file' if len(changed) == 1 else 'files'} of {folder} changed." if changed else f"{folder} holds this already."
    )


async def merged_into(library: Revisions, folder: Path, origin: str, mine: Bundle, theirs: Bundle) -> None:
    """Bring a folder onto what is in force: what both changed stays as it is in the folder, and is told."""
    bundle, clashes = brought_onto(await library.bundle(origin), mine, theirs)
    place = FlowFolder(folder)
    try:
        changed = place.become(bundle)
    except OSError as error:
        fail(f"{folder} cannot be written: {error.strerror}")
    place.comes_from(theirs.revision)
    told_paths(folder, changed)
    for clash in clashes:
        file = getattr(clash.edit, "file", "")
        typer.echo(f"{file}: both changed this; the folder's stands.\n  - {_line(clash.theirs)}\n  + {_line(clash.mine)}", err=True)
    if clashes:
        fail(f"{len(clashes)} {'place was' if len(clashes) == 1 else 'places were'} changed in both: look at them before you publish.")


async def _unsaved(library: Revisions, folder: Path, now: Bundle, bundle: Bundle) -> list[str]:
    """Paths that would be written over or taken away, and hold what is nowhere else."""
    touched = [path for path in now if bundle.get(path) != now[path]]
    if not touched or any([await _known(library, now, length) for length in (NAME, OLD_NAME)]):
        return []
    return _uncommitted(folder, touched)


async def _known(library: Revisions, bundle: Bundle, length: int) -> bool:
    try:
        return await library.bundle(bundle.full[:length]) == bundle
    except KeyError:
        return False


def _uncommitted(folder: Path, paths: Sequence[str]) -> list[str]:
    """Those that git does not have as they are; all, where there is no git."""
    git = shutil.which("git")
    if git is None:
        return list(paths)
    kept = _asked(git, folder, "ls-files", "-z", "--", *paths)
    differing = _asked(git, folder, "diff", "HEAD", "--name-only", "--relative", "-z", "--", *paths)
    if kept is None or differing is None:
        return list(paths)
    return [path for path in paths if path not in kept or path in differing]


def _asked(git: str, folder: Path, *words: str) -> set[str] | None:
    done = subprocess.run([git, *words], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 fixed words
    return set(done.stdout.split("\0")) if done.returncode == 0 else None


def _line(text: str) -> str:
    return one_line(text)[:200] or "(nothing)"
