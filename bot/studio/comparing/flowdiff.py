"""What changed in one flow, said of its head and of its steps.

Rule 1: every step before and after is told of, unless nothing of it changed.
Rule 2: a way is said with both its ends: where it leads now, and where it led.
"""

from collections.abc import Iterator

from bot.flow.draft import DraftFlow, DraftStep
from bot.flow.tree import Plain, plain
from bot.studio.comparing.changes import Change, Value, Words
from bot.studio.comparing.settings_said import field, value
from bot.studio.comparing.sides import Sides
from bot.studio.comparing.stepdiff import StepDiff
from bot.studio.comparing.stepmatch import Pairs, matched
from bot.studio.comparing.treediff import diffs


def flow_changes(sides: Sides) -> Iterator[Change]:
    """Every change of a flow that is there before and after, in the order of its steps; what is gone comes first."""
    was, is_ = sides.before.draft.flows[sides.flow], sides.after.draft.flows[sides.flow]
    yield from _head(sides, was, is_)
    pairs = matched(was.steps, is_.steps)
    for index in pairs.gone:
        step = was.steps[index]
        says = Words("difference.step-removed", {"flow": sides.title, "step": sides.before.step(sides.flow, step.key)})
        yield sides.change(says, step=step.key, texts=sides.texts.take(*sides.texts.waiting(step.id)))
    before = {new: was.steps[old] for old, new in pairs.pairs}
    for step in is_.steps:
        yield from _step(sides, is_, step, before.get(step.index), pairs)
    yield from sides.texts.rest(sides.texts.waiting(sides.flow))


def _head(sides: Sides, was: DraftFlow, is_: DraftFlow) -> Iterator[Change]:
    for diff in diffs(_head_of(was), _head_of(is_)):
        if diff.kind == "order":
            continue
        if diff.path == ("title",):
            texts = sides.texts.take(f"{sides.flow}:title")
            yield sides.change(Words("difference.title", {"flow": sides.title}), texts=texts, path=diff.path)
        else:
            old, new = value(diff.path, diff.before, sides.before), value(diff.path, diff.after, sides.after)
            says = Words("difference.flow-field", {"flow": sides.title, "field": field(diff.path), "value": new, "was": old})
            yield sides.change(says, path=diff.path)


def _step(sides: Sides, flow: DraftFlow, step: DraftStep, before: DraftStep | None, pairs: Pairs) -> Iterator[Change]:
    if before is None:
        says = Words("difference.step-added", {**sides.at(step.key), "place": _place(sides, flow, step)})
        yield sides.change(says, step=step.key, texts=sides.texts.take(*sides.texts.waiting(step.id)))
        return
    if before.key != step.key and not before.key.startswith("#"):
        texts = sides.texts.take(*sides.texts.waiting(before.id), *sides.texts.waiting(step.id))
        yield sides.change(Words("difference.step-renamed", {**sides.at(step.key), "was": before.key}), step=step.key, texts=texts)
    if (before.index, step.index) in pairs.moved:
        yield sides.change(Words("difference.step-moved", {**sides.at(step.key), "place": _place(sides, flow, step)}), step=step.key)
    yield from StepDiff(sides, before, step).changes()
    yield from sides.texts.rest(sides.texts.waiting(step.id))


def _place(sides: Sides, flow: DraftFlow, step: DraftStep) -> Value:
    if step.index == 0:
        return Words("difference.place.top")
    return Words("difference.place.below", {"step": sides.after.step(sides.flow, flow.steps[step.index - 1].key)})


def _head_of(flow: DraftFlow) -> dict[str, Plain]:
    node = plain(flow.node)
    return {key: value for key, value in node.items() if key != "steps"} if isinstance(node, dict) else {}
