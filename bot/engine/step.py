"""The engine: one event in, one new session and a tuple of effects out.

Rule 1: this room reads no clock, no catalog, no store and no channel, and awaits nothing.
Rule 2: the same program, session and event give the same step, whether the session was kept in memory or saved and loaded.
Rule 3: whatever a session holds, a person who writes gets an answer; a place that is gone leads to the first safe question.
"""

from typing import TypeAlias, assert_never

from msgspec import structs

from bot.engine import casework
from bot.engine.calendar import next_in_parts
from bot.engine.effects import Remind, RemoveMessage, Send
from bot.engine.events import (
    AnyEvent,
    CaseClosed,
    CasePassed,
    Claimed,
    Corrected,
    Left,
    MediaSent,
    Pressed,
    Recalled,
    ReminderDue,
    Said,
    StaffWrote,
    Started,
    WordPressed,
)
from bot.engine.followup import FOLLOW_UP, rung
from bot.engine.globals import WITH_HUMAN, act
from bot.engine.plan import KEPT, Plan, plan_of
from bot.engine.questions import ask_still_safe, resume, start
from bot.engine.quick import Quick
from bot.engine.read import corrected, pressed, said
from bot.engine.session import Past, Question, Session
from bot.engine.turn import NOBODY_AWAY, Away, Meant, Step, Turn
from bot.flow.program import Program
from bot.i18n.values import Text

__all__ = ["NOBODY_AWAY", "Away", "Meant", "Step", "meaning", "step"]

Personal: TypeAlias = Started | Said | Corrected | Pressed | WordPressed | MediaSent
"""What a person does."""


def step(program: Program, session: Session | None, event: AnyEvent, away: Away = NOBODY_AWAY, past: Past | None = None) -> Step:
    """Give what one event leads to; `session` is None for a person who is new.

    `away`: teams of which nobody is there. `past`: a closed case of theirs that is still there.
    """
    plan = plan_of(program)
    if session is not None:
        done = None
        if type(event) is Pressed:
            done = _quick_of(plan).pressed(session, event)
        elif type(event) is Said:
            done = _quick_of(plan).said(session, event)
        if done is not None:
            return Step(done[0], done[1])
    return long_step(plan, session, event, away, past)


def long_step(plan: Plan, session: Session | None, event: AnyEvent, away: Away = NOBODY_AWAY, past: Past | None = None) -> Step:
    """Give what `step` gives, by the long way, which serves every event."""
    match event:
        case Corrected() if session is None or session.case is None:
            return Step(session, ())
        case Started() | Said() | Corrected() | Pressed() | WordPressed() | MediaSent():
            turn = _turn_of(plan, session, event, away)
            turn.past = past
            _personal(turn, event)
        case _ if session is None:
            return Step(None, ())
        case _:
            turn = Turn(plan, _here(plan, session), event.at, event.nonce, away)
            _other(turn, event)
    return turn.done()


def meaning(program: Program, session: Session | None, event: Said, away: Away = NOBODY_AWAY) -> Meant:
    """Give what these words would be taken for; nothing is done. Its first word is one of:

    `answer` · `word` a global word · `danger` · `heard` kept for later · `otherwise` goes where other words go · `person`, `case` joins
    it · `unclear` · nothing: not read, because the conversation begins or it is first asked whether writing is safe.
    """
    turn = _turn_of(plan_of(program), session, event, away)
    _personal(turn, event)
    return turn.meant


def _turn_of(plan: Plan, session: Session | None, event: Personal, away: Away) -> Turn:
    return Turn(plan, _here(plan, session or _new(plan.program, event)), event.at, event.nonce, away)


_quick: dict[Plan, Quick] = {}  # no more than plans are kept


def _quick_of(plan: Plan) -> Quick:
    quick = _quick.get(plan)
    if quick is None:
        if len(_quick) >= KEPT:
            _quick.clear()
        quick = _quick[plan] = Quick(plan)
    return quick


def _personal(turn: Turn, event: Personal) -> None:
    before = turn.before
    silence = event.at - turn.seen_at if turn.seen_at else 0.0
    turn.seen_at = event.at
    late = silence > turn.plan.ask_safe_after and turn.who != "human"
    if late:
        if silence > turn.plan.forget_after and turn.case is None:
            turn.leave()
        late = bool(turn.flow) or turn.case is not None
    if turn.question is not None and turn.question.kind == "recalled":
        turn.question = None
        turn.cut = True
        if _goes_on(event):
            turn.tell("bot.recalled")
    if before.case is not None and before.case.unwritten:
        casework.writes_again(turn)
    if isinstance(event, Corrected):
        corrected(turn, event.text)
    else:
        _act(turn, event, late=late)


def _goes_on(event: Personal) -> bool:
    return not isinstance(event, WordPressed)


def _act(turn: Turn, event: Started | Said | Pressed | WordPressed | MediaSent, *, late: bool) -> None:
    match event:
        case Pressed() if not late:
            pressed(turn, event)
        case Said():
            said(turn, event.text, late=late)
        case WordPressed():
            _word_pressed(turn, event)
        case MediaSent():
            _media(turn, event, late=late)
        case Started() | Pressed():
            if late:
                ask_still_safe(turn)
            elif isinstance(event, Started):
                _started(turn, event)
        case _:
            assert_never(event)


def _word_pressed(turn: Turn, event: WordPressed) -> None:
    if turn.who != "human" or event.word in WITH_HUMAN:
        act(turn, event.word)
    else:
        casework.add_words(turn, turn.program.texts.say(f"bot.{event.word}", turn.language))


def _started(turn: Turn, event: Started) -> None:
    if turn.who == "human":
        return
    if not turn.spoken and event.language in turn.program.service.languages and event.language is not None:
        turn.language = event.language
    if turn.flow or turn.question is not None:
        resume(turn)
    else:
        start(turn)


def _media(turn: Turn, event: MediaSent, *, late: bool) -> None:
    if turn.who == "human":
        casework.add_media(turn, event)
        return
    if event.kind in {"photo", "file"}:
        turn.do(RemoveMessage())
    if late:
        ask_still_safe(turn)
        return
    turn.tell(f"bot.{event.kind}")
    resume(turn)


def _other(turn: Turn, event: Claimed | StaffWrote | CasePassed | CaseClosed | ReminderDue | Recalled | Left) -> None:
    match event:
        case Claimed():
            casework.claimed(turn, event)
        case StaffWrote():
            casework.staff_wrote(turn, event)
        case CasePassed():
            casework.passed(turn, event)
        case CaseClosed():
            casework.closed(turn, event)
        case ReminderDue():
            _remind(turn, event)
        case Recalled():
            _recall(turn, event)
        case Left():
            casework.left(turn)
        case _:
            assert_never(event)


def _remind(turn: Turn, event: ReminderDue) -> None:
    reminder = next((each for each in turn.reminders if each.name == event.name), None)
    if reminder is None or event.life != turn.life or event.at < reminder.at:
        return
    if reminder.name == FOLLOW_UP:
        rung(turn, reminder)
        return
    if turn.who == "human":
        return
    due = next_in_parts(event.at, reminder.country or None, reminder.hours, turn.program.service)
    if due is not None and due > event.at:
        turn.do(Remind(turn.life, reminder.name, due))
        turn.reminders = tuple(structs.replace(each, at=due) if each is reminder else each for each in turn.reminders)
        return
    turn.reminders = tuple(each for each in turn.reminders if each is not reminder)
    if due is not None and turn.program.texts.has(reminder.name):
        turn.do(Send(reminder.name, (Text(reminder.name),)))


def _recall(turn: Turn, event: Recalled) -> None:
    if turn.before.revision == event.revision or turn.plan.revision == event.revision:
        _forget_place(turn)


def _forget_place(turn: Turn) -> None:
    if turn.flow:
        turn.open(())
        turn.question = Question("recalled")
        turn.picked = ()
    turn.cut = True


def _here(plan: Plan, session: Session) -> Session:
    """The session, standing where it can: a place that no longer exists is treated as recalled."""
    for frame in session.frames:
        if (frame.flow, frame.step) not in plan.at:
            return structs.replace(session, frames=(), undo=(), picked=(), question=Question("recalled"))
    return session


def _new(program: Program, event: Personal) -> Session:
    return Session(life=event.nonce, revision=program.revision, language=program.service.languages[0])
