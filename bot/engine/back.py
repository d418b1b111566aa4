"""Back, and changing an earlier answer: the conversation as it was before.

Rule 1: what went to people (a case), what was forgotten and what was left cannot be undone; the chain is empty there.
"""

from bot.engine.asking import say_question
from bot.engine.questions import resume
from bot.engine.run import wait
from bot.engine.turn import Turn
from bot.engine.undo import undone


def back(turn: Turn) -> None:
    """Undo the last answer and ask its question again; with nothing before, say so."""
    _back_by(turn, 1)


def back_to(turn: Turn, asked: int) -> None:
    """Undo down to the answer to the question asked in that turn."""
    found = [place for place, undo in enumerate(turn.undo) if undo.turn == asked]
    _back_by(turn, len(turn.undo) - found[-1] if found else 0)


def can_go_back_to(turn: Turn, asked: int) -> bool:
    """Whether the answer to the question asked in that turn can still be undone."""
    return any(undo.turn == asked for undo in turn.undo)


def _back_by(turn: Turn, answers: int) -> None:
    held = (turn.frames(), turn.shared)
    if not answers or len(turn.undo) < answers or not turn.flow:
        _nothing_before(turn)
        return
    for undo in reversed(turn.undo[-answers:]):
        held = undone(held, undo)
    frames, shared = held
    if any((frame.flow, frame.step) not in turn.plan.at for frame in frames):
        turn.cut = True
        _nothing_before(turn)
        return
    turn.undo = turn.undo[:-answers]
    turn.open(frames)
    turn.shared = shared
    turn.question = None
    turn.wrong = 0
    wait(turn)


def _nothing_before(turn: Turn) -> None:
    turn.tell("bot.nothing-before")
    spot = turn.spot()
    if spot is not None and turn.question is None:
        say_question(turn, spot)
    else:
        resume(turn)
