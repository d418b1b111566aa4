"""A case that a colleague has and leaves unanswered: the supervisor sees it under a heading of its own; the thread says who was told."""

from dataclasses import replace

import pytest

from bot.conversation.cases.casepage import Entry
from bot.conversation.cases.view import Seen
from bot.conversation.staffing.staff import StaffMember
from bot.ports import CaseIndex
from bot.web.desk.eye import Eye
from bot.web.desk.thread import event
from bot.web.desk.view import queue, state
from tests.web.stage import Stage

NOW = 1_795_000_000.0


def case(**more):
    given = {
        "code": "K7-42X",
        "team": "protection",
        "urgency": "normal",
        "state": "claimed",
        "since": NOW - 9000,
        "language": "fr",
        "claimant": "Thuya",
    }
    return CaseIndex(**given | more)


def eye_of(stage: Stage, *roles: str) -> Eye:
    staff = StaffMember(id="x", name="Olivier", language="en", roles=roles)
    return Eye(staff=staff, program=stage.parts.program(), words=stage.parts.words, now=NOW, language="en")


@pytest.mark.parametrize(
    ("roles", "asked", "used", "heading"),
    [
        (("supervisor",), NOW - 7200, 2.0, "left"),
        (("supervisor",), NOW - 3600, 1.9, "others"),
        (("supervisor",), 0.0, 0.0, "others"),  # nobody waits
        (("caseworker",), NOW - 7200, 4.0, "others"),  # they could not take it
    ],
)
def test_a_case_left_alone_stands_under_its_own_heading_for_who_can_do_something(stage: Stage, roles, asked, used, heading) -> None:
    eye = eye_of(stage, *roles)
    [group] = queue([Seen(case(asked=asked), used=used)], eye).groups

    assert group.id == heading
    assert group.rows[0].who == "Thuya"
    assert (group.rows[0].state.mark == "late") is (heading == "left")


def test_a_case_of_who_is_away_is_left_alone_as_soon_as_its_person_waits(stage: Stage) -> None:
    eye = replace(eye_of(stage, "supervisor"), away=frozenset({"Thuya"}))

    assert [group.id for group in queue([Seen(case(asked=NOW - 60), used=0.03)], eye).groups] == ["left"]
    assert [group.id for group in queue([Seen(case(asked=0.0))], eye).groups] == ["others"]


def test_it_stands_behind_danger_and_broken_promises_and_before_what_waits_in_time(stage: Stage) -> None:
    eye = eye_of(stage, "supervisor")
    seen = [
        Seen(case(asked=NOW - 7200), used=3.0),
        Seen(case(code="A", urgency="now", state="waiting", claimant=None, asked=NOW - 60), used=0.1),
        Seen(case(code="B", state="waiting", claimant=None, asked=NOW - 6000), used=1.5),
        Seen(case(code="C", state="waiting", claimant=None, asked=NOW - 60), used=0.1),
    ]

    assert [group.id for group in queue(seen, eye).groups] == ["danger", "late", "left", "waiting"]


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("second-line", "Nobody had taken this case. Second line told."),
        ("on-call", "Nobody had taken this case. On-call told."),
        ("1", "Nobody had taken this case: others were alerted."),  # as an earlier version kept it
        ("", "Nobody had taken this case: others were alerted."),
    ],
)
def test_the_thread_says_who_was_told_when_nobody_came(stage: Stage, about: str, said: str) -> None:
    entry = Entry(n=1, at=NOW, kind="state", text="alerted", by="", media=None, about=about)

    assert event(entry, eye_of(stage, "caseworker")).replace("\u2068", "").replace("\u2069", "") == said


def test_a_person_in_danger_has_waited_so_long_also_while_the_team_is_closed(stage):
    eye = eye_of(stage, "caseworker")
    danger = Seen(case(urgency="now", state="waiting", claimant=None, asked=NOW - 600), asleep=True)

    assert state(danger, eye).words == eye.say("desk.since", time=eye.time(600))
