"""The nine global words: what each does, wherever the person stands.

Rule 1: no flow can change, delay or refuse them; stop, erase and human do not even ask what waits.
"""

from collections.abc import Callable, Mapping

from bot.engine.back import back
from bot.engine.effects import CancelReminders, Keyboard, MarkCase
from bot.engine.events import GlobalWord
from bot.engine.handoff import say_waiting
from bot.engine.interrupts import go_to_menu, interrupt
from bot.engine.questions import ask_language, resume
from bot.engine.run import erase
from bot.engine.turn import Turn

ALWAYS = frozenset({"stop", "erase", "human"})
"""Words that win over an answer that is spelled the same."""
WITH_HUMAN = frozenset({"stop", "erase", "language"})
"""Words that act while a human has the conversation."""


def act(turn: Turn, word: GlobalWord) -> None:
    """Do what the word orders."""
    _ORDERS[word](turn)


def stop(turn: Turn) -> None:
    """End the conversation; an open case stays, and nobody may write to the person until they write again."""
    turn.leave()
    turn.effects = [effect for effect in turn.effects if not isinstance(effect, MarkCase)]
    turn.tell("bot.stopped")
    turn.do(Keyboard(show=False))
    if turn.case is not None:
        turn.changed_case(unwritten=True)
        turn.do(MarkCase(turn.case.code, "do-not-write"))
    if turn.reminders:
        turn.reminders = ()
        turn.do(CancelReminders())


def _help(turn: Turn) -> None:
    turn.tell("bot.help")
    resume(turn)


def _repeat(turn: Turn) -> None:
    """Say again what waits: a question, or with none how it stands with the case."""
    if turn.flow or turn.question is not None or turn.case is None:
        resume(turn)
    else:
        say_waiting(turn)


def _human(turn: Turn) -> None:
    interrupt(turn, turn.program.service.on_human)


def _privacy(turn: Turn) -> None:
    interrupt(turn, turn.program.service.on_privacy)


_ORDERS: Mapping[GlobalWord, Callable[[Turn], None]] = {
    "stop": stop,
    "erase": erase,
    "help": _help,
    "human": _human,
    "menu": go_to_menu,
    "back": back,
    "repeat": _repeat,
    "language": ask_language,
    "privacy": _privacy,
}
