"""A case's whole life as the engine sees it: passed on, handed back, corrected, come back to, followed up."""

from dataclasses import replace

import pytest

from bot.engine.effects import AddToCase, MarkCase, OpenCase, PassCase, RaiseUrgency, Relay, Remind, Send
from bot.engine.events import CaseClosed, CasePassed, Corrected, Pressed, ReminderDue, StaffWrote
from bot.engine.session import Past
from bot.engine.startable import startable
from bot.engine.step import step
from bot.flow.answers import Free, Hours
from bot.i18n.texts import Texts
from bot.i18n.values import Ref, Text
from tests.engine.build import LEAVE, TEAMS, ask, choices, consent, end, flow, handoff, program, say
from tests.engine.talk import MONDAY, Talk

HOUR = 3600.0
DESK = flow(
    "start",
    consent("share", "protection", "country", "safe-hours", "code-words", "way", no=LEAVE),
    ask("safe-hours", Hours(), skip=True),
    ask("code-words", Free(30), skip=True),
    ask("way", choices("here", "i-write"), skip=True),
    ask("secret", choices("a", "b")),
    handoff("desk", "protection", agreed="share", after="back"),
    ask("meanwhile", choices("one", "two")),
    say("back"),
    ask("last"),
)
MENU = flow("menu", ask("topic", choices("worry", "rest"), go={"worry": "start", "rest": LEAVE}))
LATER = flow("later", ask("how", choices("well", "badly")), end())


def desk(*, code_words="", hours=False, way="", texts=None, **service):
    """Somebody whose case waits."""
    one = Talk(program(DESK, MENU, LATER, texts=texts, **service), shared={"country": "DZ"})
    one.says("hello")
    to_case(one, code_words=code_words, hours=hours, way=way)
    return one


def to_case(one, *, code_words="", hours=False, way="", past=None):
    one.presses("yes")
    for key in ("evening", "done") if hours else ("skip",):
        one.presses(key)
    one.says(code_words) if code_words else one.presses("skip")
    one.presses(way or "skip")
    event = Pressed(at=one.at + 5, nonce=f"{one.at:016.0f}", life=one.now.life, turn=one.now.turn, key="a")
    done = step(one.program, one.now, event, past=past)
    one.session, one.effects = done.session, done.effects


def opened(one):
    return one.ordered(OpenCase)[0]


def passes(one, team, *, agreed=False):
    return one.event(CasePassed(at=one._later(), case=one.now.case.code, team=team, agreed=agreed))


# ── what a case carries ──
def test_a_case_says_where_it_comes_from_and_how_much_was_not_shared():
    order = opened(desk())

    assert (order.need, order.country, order.withheld) == ("start", "DZ", 1)
    assert (order.phrase, order.way, order.safe_hours) == ("", None, ())


def test_a_case_carries_the_agreed_phrase_and_the_safe_way_and_the_conversation_does_not():
    one = desk(code_words="the bread is warm", way="i-write", hours=True)
    order = opened(one)

    assert (order.phrase, order.way, order.safe_hours) == ("the bread is warm", Ref("answers.i-write"), ("evening",))
    assert one.now.case.hours == ("evening",)
    one.claim()
    assert "bread" not in str(one.now)


def test_who_wants_to_write_first_is_not_written_to_before():
    one = desk(way="i-write")

    assert opened(one).unwritten
    assert one.now.case.unwritten
    assert one.staff("good morning") == []
    assert one.says("i am alone now") == ["bot.passed-on"]
    assert one.ordered(MarkCase) == [MarkCase(one.now.case.code, "may-write")]
    assert one.staff("good morning") == ["bot.human-here", "staff"]


# ── passed on ──
def test_a_case_passed_to_another_team_waits_again_and_its_person_hears_to_whom_and_when():
    one = desk(hours=True)
    one.claim()

    assert passes(one, "return-desk") == ["bot.passed-team"]
    [order], [said] = one.ordered(PassCase), one.ordered(Send)
    assert order == PassCase(one.now.case.code, "return-desk", agreed=False)
    assert said.parts[0] == Text("bot.passed-team", (("team", Ref("teams.return-desk:name")),))
    assert said.parts[1].id == "bot.waiting-open"
    assert (one.now.who, one.now.case.team, one.now.case.names, one.now.case.hours) == ("waiting", "return-desk", (), ("evening",))
    assert one.says("are you there") == ["bot.passed-on"]


def test_with_the_persons_yes_everything_goes_along():
    one = desk(hours=True)
    one.claim()
    passes(one, "return-desk", agreed=True)

    assert one.ordered(PassCase)[0].agreed
    assert one.now.case.names == ("code-words", "country", "safe-hours", "way")
    assert one.now.case.hours == ("evening",)


def test_back_to_the_queue_of_the_same_team_nothing_is_taken_away():
    one = desk()
    one.claim()

    assert passes(one, "protection") == ["bot.passed-same"]
    assert one.ordered(PassCase) == [PassCase(one.now.case.code, "protection", agreed=True)]
    assert one.now.case.names == ("code-words", "country", "safe-hours", "way")


def test_who_said_stop_is_not_told_that_the_case_was_passed_on():
    one = desk()
    one.claim()
    one.says("stop")

    assert passes(one, "return-desk") == []
    assert one.ordered(PassCase)
    assert one.now.who == "waiting"


def test_a_team_that_is_gone_gets_no_case():
    one = desk()
    before = one.now

    assert passes(one, "gone") == []
    assert one.now == before


# ── handed back ──
def test_the_conversation_can_be_handed_to_the_start_of_a_flow_of_the_list():
    one = desk()
    one.claim()

    assert startable(one.program) == ("menu", "start")
    assert one.event(CaseClosed(at=one._later(), case=one.now.case.code, flow="menu")) == ["bot.machine-again", "menu.topic"]
    assert (one.now.who, one.now.case) == ("bot", None)


def test_handed_back_unclaimed_the_open_flow_gives_way():
    one = desk()

    assert one.event(CaseClosed(at=one._later(), case=one.now.case.code, flow="menu")) == ["bot.machine-again", "menu.topic"]


def test_a_flow_that_the_list_does_not_offer_is_not_begun():
    one = desk()
    one.claim()

    assert one.event(CaseClosed(at=one._later(), case=one.now.case.code, flow="later")) == ["bot.machine-again", "start.back", "start.last"]


# ── words ──
def test_a_correction_and_a_canned_reply_say_what_they_are():
    one = desk()
    one.claim()
    code = one.now.case.code
    one.event(StaffWrote(at=one._later(), case=code, text="at five", corrects=True))
    assert one.ordered(Relay) == [Relay(code, "at five", corrects=True)]
    one.event(StaffWrote(at=one._later(), case=code, text="kept", reply="gone"))
    assert one.ordered(Relay) == [Relay(code, "kept")]


def test_a_canned_reply_is_said_in_the_persons_language():
    one = desk(texts={"replies.hello": "Hello, I read you."})
    one.claim()
    code = one.now.case.code
    one.event(StaffWrote(at=one._later(), case=code, text="", reply="hello"))

    assert one.ordered(Relay) == [Relay(code, "Hello, I read you.", Text("replies.hello"))]


def test_changed_words_join_the_case_and_say_nothing():
    one = desk()
    code = one.now.case.code
    edit = Corrected(at=one._later(), text="tomorrow, i want to die")

    assert one.event(edit) == []
    assert one.effects == (AddToCase(code, "tomorrow, i want to die", edited=True),)
    one.claim()
    one.event(edit)
    assert one.ordered(RaiseUrgency) == [RaiseUrgency(code, "now")]


def test_changed_words_mean_nothing_without_a_case():
    one = Talk(program())
    before = one.now

    assert one.event(Corrected(at=one._later(), text="menu")) == []
    assert one.now == before
    assert step(one.program, None, Corrected(at=MONDAY, text="hello")).session is None


@pytest.mark.parametrize(("words", "said"), [("stop", ["bot.stopped"]), ("effacer", [])])
def test_words_changed_to_stop_or_erase_act(words, said):
    one = desk()
    one.claim()

    assert one.event(Corrected(at=one._later(), text=words)) == said
    assert one.session is None or one.now.case.unwritten


# ── coming back ──
def come_back(one, *, team="protection"):
    """Ask for the team again, with a closed case of this team at hand."""
    one.word("menu")
    one.presses("worry")
    to_case(one, past=Past("OLD-111", team))
    return opened(one)


def closed():
    one = desk()
    one.claim()
    one.closes()
    return one


def test_who_comes_back_to_the_same_team_goes_on_in_the_same_case():
    one = closed()
    order = come_back(one)

    assert (order.code, order.new, order.reopened, order.moved) == ("OLD-111", False, True, False)
    assert (one.now.case.code, one.now.who) == ("OLD-111", "waiting")


def test_who_comes_back_to_another_team_begins_another_case():
    order = come_back(closed(), team="return-desk")

    assert (order.new, order.reopened) == (True, False)
    assert order.code != "OLD-111"


def test_a_team_that_wants_it_so_gets_a_new_case_each_time():
    one = closed()
    teams = {**TEAMS.teams, "protection": replace(TEAMS.teams["protection"], same_person="new")}
    one.program = replace(one.program, teams=replace(TEAMS, teams=teams))

    assert come_back(one).new


# ── followed up ──
def followed(one=None, **service):
    one = one or desk(on_follow_up="later", **service)
    one.claim()
    one.event(CaseClosed(at=one._later(), case=one.now.case.code, follow_up=True))
    return one


def rings(one, at=None):
    [reminder] = one.now.reminders
    one.at = reminder.at if at is None else at
    return one.event(ReminderDue(at=one.at, life=one.now.life, name=reminder.name))


def test_a_follow_up_is_asked_a_day_later_by_day():
    one = followed()
    [order] = one.ordered(Remind)

    assert one.at + 24 * HOUR <= order.at <= one.at + 42 * HOUR
    assert rings(one) == ["later.how"]
    assert one.now.reminders == ()
    assert one.presses("well") == []


def test_a_follow_up_waits_for_the_hours_that_the_person_called_safe():
    one = followed(desk(on_follow_up="later", hours=True))
    due = one.ordered(Remind)[0].at

    assert due >= one.at + 24 * HOUR
    assert 17 * HOUR <= due % (24 * HOUR) < 21 * HOUR  # evening in Algiers, an hour before UTC


def test_a_follow_up_keeps_to_the_safe_hours_after_the_case_went_to_a_team_that_may_read_nothing():
    one = desk(on_follow_up="later", hours=True)
    one.claim()
    passes(one, "return-desk")

    assert followed(one).now.reminders[0].hours == ("evening",)


def test_who_wants_to_write_first_is_not_followed_up():
    one = desk(on_follow_up="later", way="i-write")
    one.says("i am alone now")

    assert followed(one).now.reminders == ()


def test_passing_a_case_on_writes_to_nobody_who_is_away_in_an_hour_that_is_not_safe():
    one = desk(hours=True)
    one.claim()
    one.at += HOUR

    assert passes(one, "return-desk") == []
    assert one.now.who == "waiting"


def test_a_follow_up_that_rings_late_in_the_night_waits_for_the_day():
    one = followed()
    night = MONDAY + 37 * HOUR  # 23:00 UTC

    assert rings(one, at=night) == []
    assert one.now.reminders[0].at > night
    assert rings(one) == ["later.how"]


def test_who_said_stop_is_not_followed_up():
    one = followed()
    one.says("stop")

    assert one.now.reminders == ()


def test_nobody_is_followed_up_while_another_case_is_open():
    one = followed()
    come_back(one, team="nobody")
    one.claim()

    assert rings(one) == []
    assert one.now.reminders == ()


def test_who_is_in_the_middle_of_something_is_not_interrupted():
    one = followed()
    due = one.now.reminders[0].at
    one.at = due - 60
    one.word("menu")

    assert rings(one, at=due) == []
    assert one.now.reminders[0].at > due


def test_without_a_flow_for_it_or_on_a_case_that_may_not_be_written_to_nothing_is_remembered():
    assert followed(desk()).now.reminders == ()
    one = desk(on_follow_up="later")
    one.claim()
    one.says("stop")
    one.event(CaseClosed(at=one._later(), case=one.now.case.code, follow_up=True))
    assert one.now.reminders == ()
    assert one.ordered(MarkCase)[0].state == "closed"


# ── flows of an earlier version ──
def test_where_the_newer_texts_are_missing_the_rest_is_said():
    one = desk()
    one.claim()
    said = {key: text for key, text in one.program.texts._said["en"].items() if key not in ("bot.passed-team", "bot.passed-same")}
    one.program = replace(one.program, texts=Texts.of(said, {}, "en"))

    assert passes(one, "return-desk") == ["bot.waiting-open"]
    assert passes(one, "return-desk") == ["bot.waiting-open"]
