"""What comes on top of whatever is open: danger words, and the words that open a flow.

Rule 1: a flow already open is not opened twice; its question is said again.
Rule 2: a danger group that leaves drops everything first, and nothing of before can be shown by what follows.
"""

from bot.engine.asking import say_question
from bot.engine.run import sprint, wait
from bot.engine.turn import Turn


def interrupt(turn: Turn, flow: str) -> None:
    """Put the flow on top; at its end the interrupted step asks again, or, with nothing open, the conversation begins."""
    asked, turn.question = turn.question, None
    spot = turn.spot()
    if spot is not None and turn.is_in(flow):
        if asked is None:
            say_question(turn, spot)
        else:
            wait(turn)
        return
    if turn.flow:
        turn.saves = True
    else:
        turn.cut = True
    turn.enter(flow, over=True)
    _run(turn)


def leave_for(turn: Turn, flow: str) -> None:
    """Drop everything that is open and known, then run the flow; at its end the conversation is over."""
    if turn.flow or turn.question is not None:
        turn.leave()
    turn.heard = ""
    turn.cut = True
    turn.enter(flow, over=False)
    _run(turn)


def go_to_menu(turn: Turn) -> None:
    """Drop all open flows and begin the list; shared answers and the case stay."""
    turn.question = None
    turn.open(())
    turn.begin(turn.program.service.on_menu)
    turn.cut = True
    _run(turn)


def danger(turn: Turn, group: str) -> None:
    """Do what a danger group orders."""
    order = turn.program.danger[group]
    if order.leave:
        leave_for(turn, order.flow)
    else:
        interrupt(turn, order.flow)


def open_groups(turn: Turn) -> tuple[str, ...]:
    """The danger groups whose flow is open."""
    if not turn.flow:
        return ()
    return tuple(name for name, group in turn.program.danger.items() if turn.is_in(group.flow))


def _run(turn: Turn) -> None:
    turn.picked = ()
    turn.wrong = 0
    sprint(turn)
