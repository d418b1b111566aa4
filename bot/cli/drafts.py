"""`amana drafts`: changes under way in the studio, from the command line.

Rule 1: this file only looks and writes folders; a draft is changed, approved and published in the studio.
"""

from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.cli.environment import fail, one_line
from bot.cli.folders import told_paths, written_out
from bot.cli.revisions import visiting
from bot.config import Settings
from bot.studio.drafts.parts import DraftHead

WORDS = {"open": "open", "asked": "asks for a yes", "approved": "approved", "dropped": "given up", "published": "gone back from"}


async def show(settings: Settings) -> None:
    """List drafts, those given up last."""
    async with visiting(settings) as house:
        heads = [*await house.studio.workshop.drafts(), *await house.studio.workshop.dropped()]
        in_force = await house.library.look()
        for head in heads:
            behind = ", behind what is in force" if in_force is not None and head.base != in_force.revision else ""
            typer.echo(_line(head) + behind)
        if not heads:
            typer.echo("No change is under way.")


def _line(head: DraftHead) -> str:
    when = datetime.fromtimestamp(head.changed.at, UTC).strftime("%Y-%m-%d %H:%M")
    files = f"{len(head.files)} {'file' if len(head.files) == 1 else 'files'}"
    who = ", ".join(head.authors) or head.began.by
    return f"{head.id}  {when}  {WORDS.get(head.state, head.state):<14}  {who:<16}  {one_line(head.title)}  ({files})"


async def export(settings: Settings, draft: str, folder: Path, *, force: bool) -> None:
    """Write the files of a draft out."""
    async with visiting(settings) as house:
        try:
            head, bundle = await house.studio.workshop.head(draft), await house.studio.workshop.bundle(draft)
        except KeyError:
            fail(f"No draft {draft}. `amana drafts` shows them.")
        changed = await written_out(house.library, folder, bundle, head.base, force=force)
    told_paths(folder, changed)
