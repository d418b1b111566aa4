"""The way back: an answer is undone by the difference it made, so that twenty of them stay a few hundred bytes.

Rule 1: undoing gives exactly the open flows and answers of before, but for words in the person's own: those are never kept twice.
Rule 2: differences form a chain; what moves without an answer joins the last link (`rebased`) or cuts the chain.
"""

from collections.abc import Mapping
from typing import TypeAlias

from bot.engine.session import Frame, Session, Undo
from bot.flow.answers import Answer

Held: TypeAlias = tuple[tuple[Frame, ...], dict[str, Answer]]
"""Open flows and shared answers."""
FreeNames: TypeAlias = Mapping[str, frozenset[str]]
"""Flow → names of its answers that are a person's own words."""


def difference(before: Session, turn: int, after: Held, free: FreeNames) -> Undo:
    """How to get from `after` back to the session `before`, whose question was asked in `turn`."""
    return _difference(turn, (before.frames, before.shared), after, free)


def undone(held: Held, undo: Undo) -> Held:
    """What was held before the answer that `undo` undoes."""
    frames, shared = held
    kept = frames[: undo.keep]
    rest = undo.frames or ()
    if undo.step:
        top = frames[undo.keep]
        own = {name: value for name, value in top.own.items() if name != undo.step} if undo.own is None else _patched(top.own, undo.own)
        rest = (Frame(top.flow, undo.step, own, top.over, undo.page), *rest)
    return (*kept, *rest), shared if undo.shared is None else _patched(shared, undo.shared)


def rebased(before: Session, after: Held, free: FreeNames) -> tuple[Undo, ...]:
    """The chain of `before`, leading on from `after`."""
    last = before.undo[-1]
    held = undone((before.frames, before.shared), last)
    return (*before.undo[:-1], _difference(last.turn, held, after, free))


def _difference(turn: int, before: Held, after: Held, free: FreeNames) -> Undo:
    (old, old_shared), (new, new_shared) = before, after
    shared = None if old_shared is new_shared else _patch(old_shared, new_shared, frozenset()) or None
    keep, most = 0, min(len(old), len(new))
    while keep < most and old[keep] == new[keep]:
        keep += 1
    if keep < most and old[keep].flow == new[keep].flow and old[keep].over == new[keep].over:
        was = old[keep]
        own: dict[str, Answer | None] | None = _patch(was.own, new[keep].own, free.get(was.flow, frozenset()))
        if own is not None and len(own) == 1 and own.get(was.step, was) is None:
            own = None
        return Undo(turn, was.step, keep, was.page, own, shared, _bare(old[keep + 1 :], free) or None)
    return Undo(turn, "", keep, 0, None, shared, _bare(old[keep:], free) or None)


def _patch(old: dict[str, Answer], new: dict[str, Answer], free: frozenset[str]) -> dict[str, Answer | None]:
    """Name → value to put back, or None to take away."""
    patch: dict[str, Answer | None] = {name: None for name in new if name not in old}
    if len(new) - len(patch) != len(old) or any(new.get(name) != value for name, value in old.items()):
        patch.update((name, None if name in free else value) for name, value in old.items() if new.get(name) != value)
    return patch


def _patched(now: dict[str, Answer], patch: dict[str, Answer | None]) -> dict[str, Answer]:
    merged = {**now, **patch}
    return {name: value for name, value in merged.items() if value is not None}


def _bare(frames: tuple[Frame, ...], free: FreeNames) -> tuple[Frame, ...]:
    """The frames without words in the person's own."""
    if not any(free.get(frame.flow) for frame in frames):
        return frames
    return tuple(_bare_frame(frame, free.get(frame.flow, frozenset())) for frame in frames)


def _bare_frame(frame: Frame, free: frozenset[str]) -> Frame:
    own = {name: value for name, value in frame.own.items() if name not in free}
    return Frame(frame.flow, frame.step, own, frame.over, frame.page)
