"""What a message from a person means: the first rule that fits wins (language reference, section 6).

Rule 1: a human has the conversation · 2: global word · 3: answer · 4: danger word · 5: loose answer · 6: heard · 7: otherwise.
Rule 2: what is not an answer is never stored: it leaves a key, joins an open case, or leaves nothing.
"""

from typing import cast, get_args

from bot.engine.answers import Typed, exact, loose, pick
from bot.engine.asking import HUMAN, ask, ask_engine, say_question
from bot.engine.back import back_to, can_go_back_to
from bot.engine.casework import add_words, to_human
from bot.engine.casework import corrected as correct_words
from bot.engine.effects import Send
from bot.engine.events import GlobalWord, Pressed
from bot.engine.globals import ALWAYS, WITH_HUMAN, act, stop
from bot.engine.interrupts import danger, go_to_menu, open_groups
from bot.engine.plan import NO, YES, Spot
from bot.engine.questions import ask_still_safe, question_again, resume, start
from bot.engine.run import give, move, set_language, sprint
from bot.engine.session import Question
from bot.engine.tongues import spellings_of
from bot.engine.turn import Turn
from bot.flow.program import Ask
from bot.i18n.fold import fold
from bot.i18n.values import Text

STORY = 80
"""Characters from which words that are no answer count as a story."""
TRIES = 3
_GLOBAL = frozenset(get_args(GlobalWord))


def said(turn: Turn, text: str, *, late: bool) -> None:
    """Read words. `late`: after so long a silence that it must first be asked whether writing is safe."""
    folded = fold(text)
    typed = Typed(text, folded, folded.count(" ") + 1 if folded else 0)
    word = _global_word(turn, typed)
    if turn.who == "human":
        _to_human(turn, typed, word)
    elif word is not None:
        turn.meant = ("word", word)
        act(turn, word)
    elif late or not turn.flow:
        _first_words(turn, typed, late=late)
    elif turn.question is None or not _engine_answer(turn, typed):
        _to_question(turn, typed)


def corrected(turn: Turn, text: str) -> None:
    """Read words that take the place of others: they go to the case; stop and erase act whenever they are said."""
    folded = fold(text)
    found = turn.program.lexicon.global_word(folded)
    if found is not None and found[0] in {"stop", "erase"}:
        act(turn, cast("GlobalWord", found[0]))
    else:
        correct_words(turn, text, folded)


def pressed(turn: Turn, event: Pressed) -> None:
    """Read a button: of the question that waits, of one that no longer does, or of another life."""
    current = event.life == turn.life and event.turn == turn.turn
    spot = turn.spot()
    if current and turn.question is not None:
        turn.last_press = (event.turn, event.key)
        if not _engine_key(turn, event.key):
            resume(turn)
    elif turn.who == "human":
        return
    elif current and spot is not None and event.key in turn.plan.labels(spot, turn.language, turn.country).spelled:
        turn.last_press = (event.turn, event.key)
        _press(turn, spot, event.key)
    elif event.life == turn.life and turn.last_press == (event.turn, event.key):
        return
    elif event.life == turn.life and spot is not None and can_go_back_to(turn, event.turn):
        ask_engine(turn, Question("change-answer", str(event.turn)))
    else:
        resume(turn)


def _press(turn: Turn, spot: Spot, key: str) -> None:
    answer = pick(turn, spot, key)
    if answer is not None:
        give(turn, spot, answer)
    elif not turn.picked:
        ask(turn, spot)  # That is all, with nothing chosen, where an answer is needed


# ── rule 1 and 2 ──
def _to_human(turn: Turn, typed: Typed, word: GlobalWord | None) -> None:
    if word is not None and word in WITH_HUMAN:
        turn.meant = ("word", word)
        act(turn, word)
    elif turn.question is None or not _engine_answer(turn, typed):
        turn.meant = ("person", "")
        to_human(turn, typed.raw, typed.folded)


def _global_word(turn: Turn, typed: Typed) -> GlobalWord | None:
    found = turn.program.lexicon.global_word(typed.folded)
    if found is None or found[0] not in _GLOBAL:
        return None
    name, language = found
    if name not in ALWAYS:
        if name in {"back", "repeat"} and not turn.flow:
            return None
        if _is_answer(turn, typed):
            return None
    _speak_first(turn, language)
    return cast("GlobalWord", name)


def _is_answer(turn: Turn, typed: Typed) -> bool:
    if turn.question is not None:
        return _engine_choice(turn, typed) is not None
    spot = turn.spot()
    return spot is not None and exact(turn, spot, typed) is not None


def _speak_first(turn: Turn, language: str) -> None:
    """At first contact, speak as the person did."""
    if not turn.spoken and not turn.flow and language in turn.program.service.languages:
        turn.language = language


# ── nothing waits, or nobody knows who reads ──
def _first_words(turn: Turn, typed: Typed, *, late: bool) -> None:
    hit = turn.program.lexicon.danger(typed.folded, open_groups(turn))
    if not turn.flow and turn.case is None and turn.question is None:
        turn.heard = _heard(turn, typed) or turn.heard
        turn.meant = ("heard", turn.heard) if turn.heard else turn.meant
    if hit is not None:
        turn.meant = ("danger", hit[0])
        if hit[0] in turn.plan.heard_keys:
            turn.heard = ""  # fear of going home is the subject: going home itself is not gone on with
        _speak_first(turn, hit[1])
        danger(turn, hit[0])
    elif late:
        ask_still_safe(turn)
    elif turn.question is not None and _engine_answer(turn, typed):
        return
    elif turn.case is not None:
        _join_case(turn, typed)
    else:
        start(turn)


def _join_case(turn: Turn, typed: Typed) -> None:
    turn.meant = ("case", "")
    add_words(turn, typed.raw)
    turn.tell("bot.passed-on")


def _heard(turn: Turn, typed: Typed) -> str | None:
    found = turn.program.lexicon.answers_contained(typed.folded, turn.plan.heard_keys)
    return next(iter(found)) if len(found) == 1 else None


# ── a question waits ──
def _to_question(turn: Turn, typed: Typed) -> None:
    spot = turn.spots[turn.index]
    answer = exact(turn, spot, typed)
    if answer is None:
        hit = turn.program.lexicon.danger(typed.folded, open_groups(turn))
        if hit is not None:
            turn.meant = ("danger", hit[0])
            danger(turn, hit[0])
            return
        answer = loose(turn, spot, typed)
    if answer is not None:
        turn.meant = ("answer", answer)
        give(turn, spot, answer)
    else:
        _no_answer(turn, spot, typed)


def _no_answer(turn: Turn, spot: Spot, typed: Typed) -> None:
    step = spot.step
    if isinstance(step, Ask) and step.otherwise is not None and _may_go_otherwise(turn, spot):
        turn.meant = ("otherwise", "")
        turn.index = spot.index
        turn.picked = ()
        move(turn, step.otherwise)
        sprint(turn)
        return
    heard = _heard(turn, typed)
    if heard is not None and turn.case is None:
        turn.heard = heard
        turn.meant = ("heard", heard)
        if spot.flow.name == turn.program.service.first:
            say_question(turn, spot)  # kept for the list: who answers here and the limit of secrecy are said before anything is opened
        else:
            ask_engine(turn, Question("other-subject"))
    elif turn.case is not None:
        _join_case(turn, typed)
    else:
        not_understood(turn, spot, len(typed.raw))


def _may_go_otherwise(turn: Turn, spot: Spot) -> bool:
    """Always in a flow of danger; elsewhere so many rounds, then a person is offered."""
    if spot.flow.name in turn.plan.danger_flows:
        return True
    turn.wrong += 1
    return turn.wrong <= TRIES


def not_understood(turn: Turn, spot: Spot, length: int) -> None:
    """Meet it kindly and ask again; the third time offer a person; a long story is thanked for and not kept."""
    step = spot.step
    turn.meant = ("unclear", "")
    turn.wrong += 1
    if length > STORY and spot.flow.sensitive:
        turn.tell("bot.story")
    elif turn.wrong >= TRIES:
        turn.wrong = 0
        turn.tell("bot.offer-human", HUMAN)
    elif turn.wrong == 1 and isinstance(step, Ask) and step.help is not None:
        turn.do(Send(step.help, (Text(step.help),), sensitive=spot.flow.sensitive))
    else:
        turn.tell("bot.again")
    say_question(turn, spot)


# ── the engine's own questions ──
def _engine_answer(turn: Turn, typed: Typed) -> bool:
    """Whether the words were for the engine's question, and are dealt with."""
    if turn.question is None:
        return False
    key = _engine_choice(turn, typed)
    if key is not None:
        turn.meant = ("answer", key)
        return _engine_key(turn, key)
    if turn.question.kind == "still-safe":
        hit = turn.program.lexicon.danger(typed.folded, open_groups(turn))
        if hit is not None:
            turn.meant = ("danger", hit[0])
            danger(turn, hit[0])
        else:
            resume(turn)
        return True
    turn.question = None
    return False


def _engine_choice(turn: Turn, typed: Typed) -> str | None:
    languages = turn.program.service.languages
    if turn.question is not None and turn.question.kind == "which-language":
        if typed.folded.isdigit() and len(typed.folded) == 1:
            return languages[int(typed.folded) - 1] if 0 < int(typed.folded) <= len(languages) else None
        named = (code for code in languages for each in languages if typed.folded in spellings_of(code, each))
        return next(named, None) or turn.program.lexicon.answer_exact(typed.folded, languages)
    if typed.folded in {"1", "2"}:
        return YES if typed.folded == "1" else NO
    texts = turn.program.texts
    for key in (YES, NO):
        if typed.folded == fold(texts.say(f"bot.{key}", turn.language)):
            return key
    return turn.program.lexicon.answer_exact(typed.folded, (YES, NO), turn.language)


def _engine_key(turn: Turn, key: str) -> bool:
    question = turn.question
    if question is None:
        return False
    match question.kind:
        case "which-language":
            if key not in turn.program.service.languages:
                return False
            set_language(turn, key)
            question_again(turn)
        case "still-safe" if key == NO:
            stop(turn)
        case "change-answer" if key == YES:
            turn.question = None
            back_to(turn, int(question.about))
        case "other-subject" if key == YES:
            go_to_menu(turn)
        case _ if key in {YES, NO}:
            turn.heard = "" if question.kind == "other-subject" else turn.heard
            question_again(turn)
        case _:
            return False
    return True
