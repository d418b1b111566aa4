"""Where a new branch of a step stands: in the first place below it that nobody else comes by, or that can be led round.

Rule 1: who does not take the branch goes the way they went; no other step is written anew for it.
"""

from collections.abc import Sequence

from msgspec import Struct

from bot.studio.showing.script import Step


class Gap(Struct, frozen=True):
    """A place below the step `after`. `round`: the step that passers-by are led to with a `go`; empty where nobody comes by."""

    after: str
    round: str = ""


def gaps_of(steps: Sequence[Step]) -> dict[str, Gap]:
    """Give the place for a branch of each step that people may pass, by its key; of the beginning of the flow by the empty one."""
    found: dict[str, Gap] = {}
    below = Gap(steps[-1].key) if steps else Gap("")
    for step, next_ in reversed(list(zip(["", *(each.key for each in steps)], [*steps, None], strict=True))):
        if next_ is not None:
            below = Gap(step, next_.key) if not next_.key.startswith("#") else Gap(next_.key) if is_closed(next_) else below
        found[step] = below
    return found


def is_closed(step: Step) -> bool:
    """Whether nobody goes on to the step that stands below."""
    if step.when:
        return False
    if step.word == "ask":
        passes = {"many", "once"} & set(step.flags)
        return not passes and bool(step.options) and all(option.why == "go" for option in step.options)
    return step.word in ("end", "leave", "go", "decide")
