"""The engine's own questions, and saying again whatever waits.

Rule 1: a question of the engine waits on top of the flow's; nothing of the flow is shown until it is answered or left.
"""

from bot.engine.asking import YES_NO, ask_engine, language_buttons, say_question
from bot.engine.handoff import say_waiting
from bot.engine.run import begin_first, sprint, wait
from bot.engine.session import Question
from bot.engine.turn import Turn


def resume(turn: Turn) -> None:
    """Say again what waits; with nothing open and no case, begin."""
    spot = turn.spot()
    if turn.question is not None:
        turn.tell(f"bot.{turn.question.kind}", *(language_buttons(turn) if turn.question.kind == "which-language" else YES_NO))
    elif spot is not None:
        say_question(turn, spot)
    elif turn.case is None:
        start(turn)


def start(turn: Turn) -> None:
    """Begin the conversation."""
    begin_first(turn)
    sprint(turn)


def ask_still_safe(turn: Turn) -> None:
    """Ask whether writing is still safe, before anything else is shown."""
    ask_engine(turn, Question("still-safe"))


def ask_language(turn: Turn) -> None:
    """Ask which language to speak; the question that waits is then asked again in it."""
    if turn.flow or turn.case is not None:
        ask_engine(turn, Question("which-language"), language_buttons(turn))
    else:
        start(turn)


def question_again(turn: Turn) -> None:
    """The engine's question is answered: ask what waits under it, or say where a waiting case stands."""
    turn.question = None
    if turn.who == "human":
        return
    if turn.flow:
        wait(turn)
    elif turn.case is not None:
        say_waiting(turn)
    else:
        start(turn)
