"""Which step of a flow is which, before and after: by name, by what it is, and by where it stands.

Rule 1: every step before and after is in exactly one of: a pair, gone, new.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

from msgspec import Struct

from bot.flow.draft import DraftStep
from bot.flow.tree import Plain, plain


class Pairs(Struct, frozen=True):
    """Steps as (before, after) by index; `moved`: those of the pairs that stand elsewhere among the others."""

    pairs: tuple[tuple[int, int], ...]
    gone: tuple[int, ...]
    new: tuple[int, ...]
    moved: frozenset[tuple[int, int]]


def matched(before: Sequence[DraftStep], after: Sequence[DraftStep]) -> Pairs:
    """How the steps belong together."""
    pairs = dict(_named(before, after))
    for find in (_renamed, _alike):
        left = [step for step in before if step.index not in pairs]
        taken = set(pairs.values())
        pairs |= dict(find(left, [step for step in after if step.index not in taken]))
    ordered = tuple(sorted(pairs.items()))
    gone = tuple(step.index for step in before if step.index not in pairs)
    new = tuple(step.index for step in after if step.index not in pairs.values())
    return Pairs(ordered, gone, new, frozenset(ordered) - frozenset(_in_order(ordered)))


def _named(before: Sequence[DraftStep], after: Sequence[DraftStep]) -> list[tuple[int, int]]:
    was, is_ = _by_name(before), _by_name(after)
    return [(was[name], is_[name]) for name in was if name in is_]


def _by_name(steps: Sequence[DraftStep]) -> dict[str, int]:
    found: dict[str, int] = {}
    for step in steps:
        if not step.key.startswith("#"):
            found.setdefault(step.key, step.index)
    return found


def _renamed(before: Sequence[DraftStep], after: Sequence[DraftStep]) -> list[tuple[int, int]]:
    """Steps of two names that are the same in all else."""
    found, free = [], [step for step in after if not step.key.startswith("#")]
    for step in before:
        twin = next((each for each in free if not step.key.startswith("#") and _nameless(step) == _nameless(each)), None)
        if twin is not None:
            free.remove(twin)
            found.append((step.index, twin.index))
    return found


def _alike(before: Sequence[DraftStep], after: Sequence[DraftStep]) -> list[tuple[int, int]]:
    """Steps without a name: the same, else of one word in one place among them."""
    old = [step for step in before if step.key.startswith("#")]
    new = [step for step in after if step.key.startswith("#")]
    found: list[tuple[int, int]] = []
    texts = [repr(plain(step.node)) for step in old], [repr(plain(step.node)) for step in new]
    for tag, i, j, k, m in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if tag == "equal":
            found += zip((step.index for step in old[i:j]), (step.index for step in new[k:m]), strict=True)
        elif tag == "replace":
            found += _of_one_word(old[i:j], new[k:m])
    return found


def _of_one_word(old: Sequence[DraftStep], new: Sequence[DraftStep]) -> list[tuple[int, int]]:
    found, free = [], list(new)
    for step in old:
        twin = next((each for each in free if each.word == step.word), None)
        if twin is not None:
            free = free[free.index(twin) + 1 :]
            found.append((step.index, twin.index))
    return found


def _nameless(step: DraftStep) -> tuple[str, Plain]:
    node = plain(step.node)
    return step.word, {**node, step.word: ""} if isinstance(node, dict) and step.word in node else node


def _in_order(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs that keeps its order; the others were moved."""
    best: list[list[tuple[int, int]]] = []
    for pair in pairs:
        before = max((run for run in best if run[-1][1] < pair[1]), key=len, default=[])
        best.append([*before, pair])
    return max(best, key=len, default=[])
