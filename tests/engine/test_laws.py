"""Laws that hold for any words, any order of events, any place in the flows of the project."""

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from bot.engine.effects import AddToCase, Erase, Keyboard, MarkCase, OpenCase, Relay, Send
from bot.engine.events import CaseClosed, Claimed, Left, MediaSent, Pressed, Recalled, ReminderDue, Said, StaffWrote, Started, WordPressed
from bot.engine.plan import YES, plan_of
from bot.engine.quick import Quick
from bot.engine.render import render
from bot.engine.session import Frame, Session, Undo, decode, encode
from bot.engine.step import long_step, step
from bot.engine.undo import difference, undone
from bot.flow.program import Consent
from tests.engine.real import real_program
from tests.engine.talk import MONDAY

WORDS = ["stop", "effacer", "help", "ya qqn", "menu", "retour", "répéter", "langue", "vie privée"]
SAYINGS = [
    "oui",
    "non",
    "1",
    "2",
    "٣",
    "je passe",
    "bghit nmout",
    "il me frappe",
    "je veux rentrer",
    "xqzt",
    "el regarde mon tel",
    "16",
    "demain",
    "1 2",
    "c'est bon",
    "cest qui toi",
]
person = st.one_of(
    st.builds(lambda text: ("says", text), st.sampled_from(SAYINGS + WORDS) | st.text(max_size=200)),
    st.builds(lambda place: ("presses", place), st.integers(0, 6)),
    st.builds(lambda back, place: ("old", back, place), st.integers(1, 9), st.integers(0, 3)),
    st.builds(lambda word: ("word", word), st.sampled_from(["stop", "help", "human", "menu", "back", "repeat", "language", "privacy"])),
    st.builds(lambda kind: ("sends", kind), st.sampled_from(["photo", "voice", "file", "location"])),
    st.just(("starts",)),
    st.builds(lambda minutes: ("waits", minutes), st.sampled_from([5, 31, 1500])),
)
staff = st.sampled_from([("claims",), ("writes",), ("closes",), ("recalled",), ("left",), ("reminder",)])
PRESSES = st.lists(st.builds(lambda place: ("presses", place), st.integers(0, 6)) | person, max_size=25)
ALL = st.lists(st.builds(lambda place: ("presses", place), st.integers(0, 4)) | person | staff, max_size=25)
FLOWS = ["start", "menu", "return", "work", "danger", "life", "person", "off-hours", "child", "privacy"]


class World:
    """One person over many events; keeps what was said and pressed."""

    def __init__(self, flow: str = "start") -> None:
        program = real_program()
        self.program = structs_replace(program, flow)
        self.session: Session | None = None
        self.at, self.n, self.keys = MONDAY, 0, ()
        self.steps: list[tuple[Session | None, Any, Any]] = []

    def act(self, what: tuple[Any, ...]) -> None:
        event = self.event(what)
        if event is None:
            return
        done = step(self.program, self.session, event)
        self.steps.append((self.session, event, done))
        self.session = done.session
        for effect in done.effects:
            if isinstance(effect, Send) and effect.buttons:
                self.keys = tuple(button.key for button in effect.buttons)

    def event(self, what: tuple[Any, ...]) -> Any:
        self.at += 7
        self.n += 1
        stamp = {"at": self.at, "nonce": f"nonce{self.n:011d}"}
        session = self.session
        case = session.case.code if session and session.case else "none"
        match what:
            case ("says", text):
                return Said(text=text, **stamp)
            case ("presses", place):
                key = self.keys[place % len(self.keys)] if self.keys else "yes"
                return Pressed(life=session.life if session else "x", turn=session.turn if session else 0, key=key, **stamp)
            case ("old", back, place):
                key = ("yes", "no", "home", "skip")[place]
                return Pressed(life=session.life if session else "x", turn=(session.turn if session else 0) - back, key=key, **stamp)
            case ("word", word):
                return WordPressed(word=word, **stamp)
            case ("sends", kind):
                return MediaSent(kind=kind, file="f", **stamp)
            case ("starts",):
                return Started(language="fr", **stamp)
            case ("waits", minutes):
                self.at += minutes * 60
                return None
            case ("claims",):
                return Claimed(case=case, **stamp)
            case ("writes",):
                return StaffWrote(case=case, text="hello", **stamp)
            case ("closes",):
                return CaseClosed(case=case, **stamp)
            case ("recalled",):
                return Recalled(revision=self.program.revision, **stamp)
            case ("left",):
                return Left(**stamp)
            case _:
                name = session.reminders[0].name if session and session.reminders else "x.y"
                return ReminderDue(life=session.life if session else "x", name=name, **stamp)


def structs_replace(program: Any, flow: str) -> Any:
    from dataclasses import replace

    return replace(program, service=replace(program.service, first=flow))


PROGRAMS = {flow: structs_replace(real_program(), flow) for flow in FLOWS}


def walked(flow: str, events: list[tuple[Any, ...]]) -> World:
    world = World(flow)
    world.program = PROGRAMS[flow]
    world.act(("starts",))
    for event in events:
        world.act(event)
    return world


laws = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@laws
@given(st.sampled_from(FLOWS), ALL)
def test_any_events_leave_a_valid_session_that_loads_as_it_was(flow, events):
    for _, _, done in walked(flow, events).steps:
        session = done.session
        if session is None:
            continue
        assert decode(encode(session)) == session
        assert len(session.frames) <= 8
        assert len(session.undo) <= 20
        plan = plan_of(real_program())
        assert all((frame.flow, frame.step) in plan.at for frame in session.frames)
        assert (session.case is None) == (session.who == "bot")
        if session.who == "human":
            assert session.frames == ()


@laws
@given(st.text(max_size=5000))
@example("\u202e\u0000\ud83d\ude00 ١٢٣ \u0640" * 50)
def test_any_text_in_any_alphabet_is_answered_and_not_kept(text):
    world = walked("return", [("says", text)])
    _, _, done = world.steps[-1]

    assert done.session is None or done.session.frames or any(isinstance(effect, Send) for effect in done.effects)
    stripped = text.strip()
    if len(stripped) > 12 and done.session is not None:
        assert stripped not in str(done.session)


@laws
@given(st.sampled_from(FLOWS), ALL)
def test_a_loaded_session_steps_as_one_kept_in_memory_and_twice_the_same(flow, events):
    for before, event, done in walked(flow, events).steps:
        loaded = decode(encode(before)) if before is not None else None
        assert step(PROGRAMS[flow], loaded, event) == done


@laws
@given(st.sampled_from(FLOWS), PRESSES)
def test_the_short_way_gives_what_the_long_way_gives(flow, events):
    program = PROGRAMS[flow]
    for before, event, done in walked(flow, events).steps:
        assert long_step(plan_of(program), before, event) == done


def test_every_short_way_gives_what_the_long_way_gives_whatever_the_session_holds():
    plan = plan_of(real_program())
    quick = Quick(plan)
    old = tuple(Undo(n, "x", frames=(Frame("menu", "topic"),)) for n in range(20))
    below = Frame("menu", "topic", {"topic": "home"})
    taken = 0
    for flow, name in plan.at:
        for key in quick.ways(flow, name):
            for own, shared in (({}, {}), ({name: "no"}, {"country": "MA"}), ({name: key}, {name: key, "under-18": "skipped"})):
                for more in ({}, {"wrong": 2, "picked": ("x",), "undo": old, "heard": "home", "last_press": (3, "x"), "seen_at": MONDAY}):
                    session = Session(
                        life="life",
                        turn=41,
                        revision=real_program().revision,
                        language="ar",
                        frames=(below, Frame(flow, name, own, over=bool(more))),
                        shared=shared,
                        **more,
                    )
                    events = [Pressed(at=MONDAY + 9, life="life", turn=41, key=key)]
                    events += [
                        Said(at=MONDAY + 9, text=spelling)
                        for spelling, meant in plan.labels(plan.at[flow, name], "ar", None).named.items()
                        if meant == key
                    ]
                    for event in events:
                        done = quick.pressed(session, event) if isinstance(event, Pressed) else quick.said(session, event)
                        taken += done is not None
                        assert done is None or done == (long_step(plan, session, event).session, long_step(plan, session, event).effects)

    assert taken > 200


@laws
@given(st.sampled_from(FLOWS), ALL)
def test_the_bot_never_speaks_over_a_caseworker(flow, events):
    for before, event, done in walked(flow, events).steps:
        if before is None or before.who != "human" or isinstance(event, CaseClosed):
            continue
        said = {effect.id for effect in done.effects if isinstance(effect, Send)}
        assert said <= {"bot.stopped", "bot.which-language"}


@laws
@given(st.sampled_from(FLOWS), ALL)
def test_no_case_holds_an_answer_without_a_yes_to_exactly_that(flow, events):
    program = PROGRAMS[flow]
    for before, _, done in walked(flow, events).steps:
        for order in done.effects:
            if isinstance(order, OpenCase) and order.fields:
                assert before is not None
                agreed = [
                    step_.shows
                    for frame in before.frames
                    for step_ in program.flows[frame.flow].steps
                    if isinstance(step_, Consent)
                    and step_.to == order.team
                    and (frame.own.get(step_.key) == YES or frame.step == step_.key)
                ]
                assert any(len(order.fields) <= len(shows) for shows in agreed)
                assert order.safe_hours == () or "safe-hours" in order.names


@laws
@given(st.sampled_from(FLOWS), ALL, st.sampled_from(["stop", "effacer", "menu", "langue", "vie privée", "ya qqn"]))
def test_a_global_word_always_wins(flow, events, words):
    world = walked(flow, events)
    before = world.session
    world.act(("says", words))
    _, _, done = world.steps[-1]
    human = before is not None and before.who == "human"
    if words == "stop":
        assert done.session is not None
        assert done.session.frames == ()
        assert Keyboard(show=False) in done.effects
    elif words == "effacer":
        assert done.session is None
        assert any(isinstance(effect, Erase) for effect in done.effects)
    elif words == "menu" and not human:
        assert done.session.frames[0].flow == "menu"
    elif human:
        assert words == "langue" or any(isinstance(effect, AddToCase) for effect in done.effects)
    else:
        assert any(isinstance(effect, Send) for effect in done.effects)


@laws
@given(st.sampled_from(FLOWS), ALL)
def test_nothing_is_sent_to_somebody_who_said_stop_until_they_write(flow, events):
    for before, event, done in walked(flow, events).steps:
        if (
            before is not None
            and before.case is not None
            and before.case.unwritten
            and isinstance(event, Claimed | StaffWrote | CaseClosed | ReminderDue)
        ):
            assert not any(isinstance(effect, Send | Relay) for effect in done.effects)


@laws
@given(st.sampled_from(FLOWS), PRESSES)
def test_every_message_can_be_said_in_every_language(flow, events):
    program = PROGRAMS[flow]
    for _, _, done in walked(flow, events).steps:
        for effect in done.effects:
            if isinstance(effect, Send):
                assert all(render(program.texts, effect, language).text for language in ("ar", "fr", "en"))


@laws
@given(st.sampled_from(FLOWS), ALL)
def test_a_case_is_opened_once_and_its_marks_name_it(flow, events):
    for before, _, done in walked(flow, events).steps:
        known = {case.code for case in (before.case if before else None, done.session.case if done.session else None) if case is not None}
        orders = [effect for effect in done.effects if isinstance(effect, OpenCase | MarkCase)]
        assert all((order.code if isinstance(order, OpenCase) else order.case) in known for order in orders)
        assert not any(isinstance(order, OpenCase) and order.new for order in orders) or before is None or before.case is None


# ── undo ──
names = st.sampled_from(["a", "b", "c"])
own = st.dictionaries(names, st.sampled_from(["yes", "no", "skipped"]) | st.integers(0, 9), max_size=3)
frames = st.lists(
    st.builds(Frame, flow=st.sampled_from(["f", "g"]), step=names, own=own, over=st.booleans(), page=st.integers(0, 2)), max_size=4
).map(tuple)


@given(frames, own, frames, own)
def test_undoing_a_difference_gives_what_was_before(old, old_shared, new, new_shared):
    assume(old)
    before = Session(life="x", revision="r", language="fr", frames=old, shared=old_shared)
    made = difference(before, 3, (new, new_shared), {})

    assert undone((new, new_shared), decode(encode(structs.replace(before, undo=(made,)))).undo[0]) == (old, old_shared)


@laws
@given(st.sampled_from(FLOWS), PRESSES)
def test_back_gives_the_places_and_answers_of_before_the_last_answer(flow, events):
    world = walked(flow, events)
    for before, event, done in world.steps:
        after = done.session
        if before is None or after is None or not isinstance(event, Pressed) or len(after.undo) != len(before.undo) + 1 or after.question:
            continue
        back = step(PROGRAMS[flow], after, WordPressed(at=event.at + 1, word="back")).session
        assert back is not None
        free = plan_of(PROGRAMS[flow]).free
        assert [frame.step for frame in back.frames] == [frame.step for frame in before.frames]
        if not any(free[frame.flow] & set(frame.own) for frame in before.frames):
            assert (back.frames, back.shared) == (before.frames, before.shared)


@pytest.mark.parametrize("flow", FLOWS)
def test_nine_answers_and_their_undo_stay_small(flow):
    world = walked(flow, [("presses", 1)] * 9)

    assert world.session is None or len(encode(world.session)) <= 420  # 34 of them name the revision
