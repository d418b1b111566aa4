"""When somebody is at work: nights, clock changes, Ramadan, holidays, teams of two countries, and a desk where nobody is."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.engine.calendar import attended_from, is_open, next_opening
from bot.engine.effects import Send
from bot.engine.events import Said
from bot.engine.step import step
from bot.flow.teams import Calendar, Opening
from bot.i18n.values import Moment, Text
from tests.engine.build import SERVICE, TEAMS, ask, flow, handoff, is_, program, say
from tests.engine.talk import MONDAY, Talk

SHIPPED_ZONE = {"DZ": "Africa/Algiers", "MA": "Africa/Casablanca"}


def at(text, country="DZ"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(SHIPPED_ZONE[country])).timestamp()


def team(**changed):
    return replace(TEAMS, teams={"protection": replace(TEAMS.teams["protection"], **changed)})


def hours(*rows):
    return tuple(Opening(frozenset(days), tuple(periods)) for days, periods in rows)


def opens(teams, time, country):
    found = next_opening(teams, "protection", country, at(time, country), SERVICE)
    return None if found is None else f"{found[0]:%Y-%m-%d %H:%M}"


# ── weekends and several periods ──
@pytest.mark.parametrize(
    ("time", "country", "next_"),
    [
        ("2026-11-20 23:10", "DZ", "2026-11-22 08:30"),  # Friday night: Sunday there …
        ("2026-11-20 23:10", "MA", "2026-11-23 09:00"),  # … and Monday here
        ("2026-11-23 12:31", "DZ", "2026-11-23 13:30"),  # the break
        ("2026-11-19 17:00", "DZ", "2026-11-22 08:30"),  # Thursday, when the day ends
    ],
)
def test_what_opens_next_is_of_the_week_of_the_country(time, country, next_):
    assert opens(TEAMS, time, country) == next_


def test_a_holiday_that_falls_on_a_weekend_moves_nothing():
    free = replace(TEAMS, calendars={"DZ": Calendar(frozenset({4, 5}), (), frozenset({date(2026, 11, 21)}))})

    assert opens(free, "2026-11-20 23:10", "DZ") == "2026-11-22 08:30"
    assert opens(free, "2026-11-21 10:00", "DZ") == "2026-11-22 08:30"


def test_holidays_in_a_row_and_a_weekend_behind_them_are_passed_over():
    feast = frozenset(date(2026, 11, day) for day in (22, 23, 24))
    free = replace(TEAMS, calendars={"DZ": Calendar(frozenset({4, 5}), (), feast)})

    assert opens(free, "2026-11-19 17:30", "DZ") == "2026-11-25 08:30"


# ── nights ──
NIGHTS = team(hours={"DZ": hours(([4], [(22 * 60, 6 * 60)]), ([5], [(20 * 60, 23 * 60)]))})


@pytest.mark.parametrize(
    ("time", "is_"),
    [
        ("2026-11-20 21:59", False),
        ("2026-11-20 22:00", True),
        ("2026-11-20 23:59", True),
        ("2026-11-21 00:00", True),  # Saturday, and still Friday's night
        ("2026-11-21 05:59", True),
        ("2026-11-21 06:00", False),
        ("2026-11-21 20:00", True),
        ("2026-11-21 23:00", False),
        ("2026-11-22 00:30", False),  # Saturday's row ends at 23:00
    ],
)
def test_hours_that_cross_midnight_belong_to_the_day_on_which_they_begin(time, is_):
    assert is_open(NIGHTS, "protection", "DZ", at(time), SERVICE) is is_


def test_a_holiday_ends_the_night_that_would_begin_on_it_and_no_other():
    feast = replace(NIGHTS, calendars={"DZ": Calendar(frozenset({4, 5}), (), frozenset({date(2026, 11, 21)}))})

    assert is_open(feast, "protection", "DZ", at("2026-11-21 05:00"), SERVICE)  # Friday's night goes on into the holiday
    assert not is_open(feast, "protection", "DZ", at("2026-11-21 20:30"), SERVICE)


# ── Ramadan, and the clock of Morocco that goes back for it ──
RAMADAN = ((date(2027, 2, 8), date(2027, 3, 9)),)
FASTING = replace(
    team(ramadan={"MA": hours((range(5), [(9 * 60, 14 * 60 + 30)])), "DZ": hours(([6, 0, 1, 2, 3], [(9 * 60, 15 * 60)]))}),
    calendars={land: Calendar(frozenset(), RAMADAN, frozenset()) for land in ("DZ", "MA")},
)


@pytest.mark.parametrize(
    ("day", "utc_hours"),
    [
        ("2027-02-05", 1),  # before the clock goes back: UTC+1
        ("2027-02-09", 0),  # in Ramadan Morocco keeps UTC
        ("2027-03-08", 0),
    ],
)
def test_the_clock_of_morocco_goes_back_for_ramadan(day, utc_hours):
    nine = datetime.fromisoformat(f"{day} 09:00").replace(tzinfo=ZoneInfo("Africa/Casablanca"))

    assert nine.utcoffset().total_seconds() / 3600 == utc_hours
    assert is_open(FASTING, "protection", "MA", nine.timestamp(), SERVICE)
    assert not is_open(FASTING, "protection", "MA", nine.timestamp() - 60, SERVICE)


def test_ramadan_begins_and_ends_with_its_own_hours():
    assert is_open(FASTING, "protection", "MA", at("2027-02-05 17:00", "MA"), SERVICE)  # the Friday before
    assert not is_open(FASTING, "protection", "MA", at("2027-02-08 14:30", "MA"), SERVICE)  # its first day
    assert not is_open(FASTING, "protection", "MA", at("2027-03-09 15:00", "MA"), SERVICE)  # its last day
    assert is_open(FASTING, "protection", "MA", at("2027-03-10 15:00", "MA"), SERVICE)


@pytest.mark.parametrize("country", ["DZ", "MA"])
def test_no_minute_of_a_year_is_lost_or_doubled_where_clocks_change(country):
    """Every opening that is foretold is open, and the minute before it is not."""
    now, found = at("2026-11-01 00:00", country), 0
    while now < at("2027-12-01 00:00", country):
        opening = next_opening(FASTING, "protection", country, now, SERVICE)
        assert opening is not None
        begins = opening[0].timestamp()
        assert begins > now
        assert is_open(FASTING, "protection", country, begins, SERVICE)
        assert not is_open(FASTING, "protection", country, begins - 60, SERVICE)
        now, found = begins, found + 1
    assert found > 250


def test_a_night_over_the_change_of_clocks_keeps_its_hours_by_the_wall():
    nights = replace(team(hours={"MA": hours((range(7), [(22 * 60, 6 * 60)]))}), calendars={})
    ends = datetime(2027, 2, 7, 6, tzinfo=ZoneInfo("Africa/Casablanca"))  # the clock goes back at three this night

    assert is_open(nights, "protection", "MA", ends.timestamp() - 60, SERVICE)
    assert not is_open(nights, "protection", "MA", ends.timestamp(), SERVICE)


# ── two countries ──
def test_a_team_of_two_countries_answers_where_the_person_is():
    friday = at("2026-11-20 10:00", "MA")

    assert is_open(TEAMS, "protection", "MA", friday, SERVICE)
    assert not is_open(TEAMS, "protection", "DZ", friday, SERVICE)
    assert is_open(TEAMS, "protection", None, friday, SERVICE)


def test_a_country_that_is_not_known_waits_for_the_first_that_opens():
    found = next_opening(TEAMS, "protection", None, at("2026-11-21 11:00"), SERVICE)

    assert found is not None
    assert (found[1], f"{found[0]:%Y-%m-%d %H:%M}") == ("DZ", "2026-11-22 08:30")


# ── from when on somebody is there ──
@pytest.mark.parametrize(
    ("back", "from_"),
    [
        ("2026-11-23 10:00", "2026-11-23 10:00"),  # within the hours: at once
        ("2026-11-23 12:40", "2026-11-23 13:30"),  # in the break: after it
        ("2026-11-20 09:00", "2026-11-22 08:30"),  # on a Friday: on Sunday
    ],
)
def test_somebody_who_comes_back_is_there_from_the_first_open_moment_on(back, from_):
    found = attended_from(TEAMS, "protection", "DZ", at(back), SERVICE)

    assert found is not None
    assert f"{found[0]:%Y-%m-%d %H:%M}" == from_


# ── what the person is told ──
FLOWS = program(flow("start", ask("first"), handoff("over", "protection"), ask("last")))
OPEN, NIGHT = MONDAY, at("2026-11-20 23:10")


def told(away, now=OPEN):
    one = Talk(FLOWS, shared={"country": "DZ"})
    one.at, one.away = now, away
    one.starts()
    one.presses("yes")
    return next(send.parts[0] for send in one.ordered(Send) if send.parts[0].id.startswith("bot.waiting"))


def test_a_desk_that_is_open_with_nobody_there_promises_nothing():
    assert told({"protection": None}) == Text("bot.waiting-nobody")


def test_a_desk_that_is_closed_with_nobody_there_promises_nothing_either():
    assert told({"protection": None}, NIGHT) == Text("bot.waiting-nobody")


def test_another_team_that_is_away_changes_nothing():
    assert told({"return-desk": None}) == told({})
    assert told({}).id == "bot.waiting-open"


@pytest.mark.parametrize(
    ("now", "back", "said"),
    [
        (OPEN, "2026-11-24 10:00", datetime(2026, 11, 24, 10)),
        (OPEN, "2026-11-23 12:40", datetime(2026, 11, 23, 13, 30)),
        (NIGHT, "2026-11-24 10:00", datetime(2026, 11, 24, 10)),
        (NIGHT, "2026-11-21 10:00", datetime(2026, 11, 22, 8, 30)),
    ],
)
def test_when_somebody_is_known_to_be_back_that_is_the_time_told(now, back, said):
    text = told({"protection": at(back)}, now)

    assert text.id == "bot.waiting-closed"
    assert dict(text.values)["next"] == Moment(said, "DZ")


def test_a_flow_takes_the_closed_way_while_nobody_is_there():
    flows = program(flow("start", say("away", when=is_("team.protection", "closed")), ask("last")))
    one = Talk(flows, shared={"country": "DZ"})
    one.at = OPEN

    one.away = {"protection": None}
    assert one.starts() == ["start.away", "start.last"]
    one.away = {}
    assert "start.away" not in Talk(flows, shared={"country": "DZ"}).starts()


def test_the_same_event_gives_the_same_step_whoever_is_away_elsewhere():
    one = Talk(FLOWS, shared={"country": "DZ"})
    one.starts()
    before = one.now
    event = Said(at=OPEN + 60, nonce="nonce", text="hello")
    assert step(FLOWS, before, event, {"return-desk": None}) == step(FLOWS, before, event)
