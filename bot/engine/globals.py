"""The nine global words: what each does, wherever the person stands.

Rule 1: no flow can change, delay or refuse them; stop, erase and human do not even ask what waits.
"""

from typing import assert_never

from bot.engine.back import back
from bot.engine.effects import CancelReminders, Keyboard, MarkCase
from bot.engine.events import GlobalWord
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
    match word:
        case "stop":
            stop(turn)
        case "erase":
            erase(turn)
        case "help":
            turn.tell("bot.help")
            resume(turn)
        case "human":
            interrupt(turn, turn.program.service.on_human)
        case "privacy":
            interrupt(turn, turn.program.service.on_privacy)
        case "menu":
            go_to_menu(turn)
        case "back":
            back(turn)
        case "repeat":
            resume(turn)
        case "language":
            ask_language(turn)
        case _:
            assert_never(word)


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
