"""Opening hours, parts of the day, contacts, values in texts, rendering."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.engine.calendar import is_open, next_in_parts, next_opening, part_of_day
from bot.engine.contacts import Seeker, Shelf, partners_for
from bot.engine.effects import Alert, Button, Send
from bot.engine.filling import minutes
from bot.engine.render import render
from bot.flow.directory import Directory
from bot.flow.teams import Opening
from bot.i18n.values import Count, Text
from tests.engine.build import ROW, SERVICE, TEAMS, ask, contacts, flow, program, say
from tests.engine.talk import Talk


def at(text, zone="Africa/Algiers"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("time", "country", "is_"),
    [
        ("2026-11-22 08:30", "DZ", True),  # Sunday
        ("2026-11-22 08:29", "DZ", False),
        ("2026-11-22 12:30", "DZ", False),  # the break
        ("2026-11-22 13:30", "DZ", True),
        ("2026-11-20 10:00", "DZ", False),  # Friday
        ("2026-11-20 10:00", "MA", True),
        ("2027-01-01 10:00", "DZ", False),  # a holiday
        ("2027-02-14 08:45", "DZ", False),  # Ramadan: from nine
        ("2027-02-14 12:45", "DZ", True),
        ("2026-11-22 10:00", None, True),  # somebody is at work in one of them
        ("2026-11-21 10:00", None, False),
        ("2026-11-20 10:00", "FR", True),  # a country the team does not serve is as good as not known
    ],
)
def test_a_team_is_open_by_the_local_time_of_the_country(time, country, is_):
    assert is_open(TEAMS, "protection", country, at(time), SERVICE) is is_


@pytest.mark.parametrize(
    ("time", "country", "opens"),
    [
        ("2026-11-20 23:10", "DZ", "2026-11-22 08:30"),
        ("2026-11-21 11:00", "MA", "2026-11-23 09:00"),
        ("2026-11-22 08:30", "DZ", "2026-11-22 13:30"),
        ("2026-12-31 17:00", "DZ", "2027-01-03 08:30"),
        ("2026-11-21 11:00", None, "2026-11-22 08:30"),
    ],
)
def test_the_next_opening_is_the_first_after_now(time, country, opens):
    zone = "Africa/Casablanca" if country == "MA" else "Africa/Algiers"
    found = next_opening(TEAMS, "protection", country, at(time, zone), SERVICE)

    assert found is not None
    assert f"{found[0]:%Y-%m-%d %H:%M}" == opens


def test_there_is_no_next_opening_within_fifteen_days_of_nothing():
    empty = replace(TEAMS, teams={"protection": replace(TEAMS.teams["protection"], hours={"DZ": ()})})

    assert next_opening(empty, "protection", "DZ", at("2026-11-20 23:10"), SERVICE) is None


def test_a_period_may_pass_midnight():
    nights = (Opening(frozenset({4}), ((1320, 360),)),)
    team = replace(TEAMS, teams={"protection": replace(TEAMS.teams["protection"], hours={"DZ": nights})})

    assert is_open(team, "protection", "DZ", at("2026-11-21 05:59"), SERVICE)
    assert not is_open(team, "protection", "DZ", at("2026-11-21 06:00"), SERVICE)


@pytest.mark.parametrize(
    ("time", "part"),
    [("2026-11-22 06:00", "morning"), ("2026-11-22 05:59", "night"), ("2026-11-22 23:00", "night"), ("2026-11-22 13:00", None)],
)
def test_a_part_of_the_day_may_pass_midnight(time, part):
    assert part_of_day(at(time), "DZ", SERVICE) == part


def test_the_next_safe_time_is_now_or_the_first_that_comes():
    noon = at("2026-11-22 13:00")

    assert next_in_parts(noon, "DZ", ("evening",), SERVICE) == at("2026-11-22 18:00")
    assert next_in_parts(noon, "DZ", ("morning",), SERVICE) == at("2026-11-23 06:00")
    assert next_in_parts(at("2026-11-22 23:30"), "DZ", ("night",), SERVICE) == at("2026-11-22 23:30")
    assert next_in_parts(noon, "DZ", (), SERVICE) is None


# ── contacts ──
def shelf(*rows, stage="live"):
    return Shelf(directory=Directory(("legal",), {row.id: row for row in rows}), service=replace(SERVICE, stage=stage), teams=TEAMS)


HERE = Seeker(at=at("2026-11-23 10:00"), country="DZ", place="oran")


def names(cards):
    return [card.name.id.split(".")[1].split(":")[0] for card in cards]


def test_contacts_stand_by_place_then_open_then_free_then_file():
    day = (Opening(frozenset({0}), ((480, 1080),)),)
    rows = [
        replace(ROW, id="closed", hours="unknown"),
        replace(ROW, id="paid", free=False),
        replace(ROW, id="open", hours=day),
        replace(ROW, id="near", places=frozenset({"oran"}), hours="unknown", free=False),
        replace(ROW, id="elsewhere", country="MA"),
        replace(ROW, id="other-need", needs=frozenset()),
    ]

    assert names(shelf(*rows).shown("legal", HERE, 9)) == ["near", "open", "paid", "closed"]
    assert names(shelf(*rows).shown("legal", HERE, 2)) == ["near", "open"]


def test_a_contact_hides_the_day_after_its_date_and_is_named_to_the_operator():
    row = replace(ROW, expires=date(2026, 11, 22))

    assert shelf(row).shown("legal", HERE, 3) == ()
    assert shelf(row).past("legal", HERE) == ("line-dz",)
    assert names(shelf(replace(row, expires=date(2026, 11, 23))).shown("legal", HERE, 3)) == ["line-dz"]


def test_unverified_contacts_are_shown_in_a_trial_only_and_say_so():
    row = replace(ROW, verified_on=None)

    assert shelf(row).shown("legal", HERE, 3) == ()
    (card,) = shelf(row, stage="trial").shown("legal", HERE, 3)
    assert card.checked.id == "bot.contact-unchecked"
    assert shelf(row).first_number("legal", HERE) is None
    assert shelf(row, stage="trial").first_number("legal", HERE) == "14"


def test_without_a_country_those_of_every_country_are_shown_with_its_name():
    rows = [ROW, replace(ROW, id="line-ma", country="MA")]
    cards = shelf(*rows).shown("legal", replace(HERE, country=None), 1)

    assert names(cards) == ["line-dz", "line-ma"]
    assert [card.country.id for card in cards if card.country] == ["countries.DZ", "countries.MA"]


def test_a_case_is_passed_only_to_contacts_in_date_of_its_country_that_take_requests():
    taking = replace(ROW, id="taking", accepts_referral=True)
    rows = (ROW, taking, replace(taking, id="elsewhere", country="MA"), replace(taking, id="past", expires=date(2026, 11, 1)))
    one = replace(program(flow("start", say("hello"))), directory=Directory(needs=("legal",), contacts={row.id: row for row in rows}))

    assert [row.id for row in partners_for(one, "DZ", HERE.at)] == ["taking"]
    assert [row.id for row in partners_for(one, "", HERE.at)] == ["taking", "elsewhere"]
    live = replace(
        one, service=replace(SERVICE, stage="live"), directory=Directory(("legal",), {"taking": replace(taking, verified_on=None)})
    )
    assert partners_for(live, "DZ", HERE.at) == ()


def test_a_card_says_who_answers_when_at_what_cost_and_what_may_follow_each_number_alone_on_its_line():
    closed = (Opening(frozenset({1}), ((540, 600),)),)
    rows = [
        replace(ROW, phone=("14", "+213 21 00 00 00"), whatsapp=("+213 5",), email=("a@b.org",)),
        replace(ROW, id="paid", free=False, hours=closed),
    ]
    one = Talk(program(flow("start", contacts("lines", "legal"), ask("last")), rows=rows), shared={"country": "DZ"})
    one.starts()
    said = re.sub("[\u2066-\u2069]", "", render(one.program.texts, one.ordered(Send)[0], "en").text)

    assert said.split("\n\n")[0].split("\n") == [
        "name of line-dz", "14", "+213 21 00 00 00", "WhatsApp: +213 5", "a@b.org", "bot.contact-always", "bot.contact-free", "Languages: Arabic and French",
        "Who answers: who-answers of line-dz", "What may follow: may-follow of line-dz", "Checked on 01/11/2026",
    ]  # fmt: skip
    assert "Opens Tuesday" in said
    assert "Cost: cost of paid" in said


def test_no_contact_says_so_and_tells_the_operator():
    old = replace(ROW, expires=date(2026, 1, 1))
    one = Talk(
        program(flow("start", contacts("lines", "legal"), contacts("more", "legal", none="start.more:none"), ask("last")), rows=[old]),
        shared={"country": "DZ"},
    )
    one.starts()

    assert [effect.parts[0].id for effect in one.ordered(Send)] == ["bot.no-contact", "start.more:none", "start.last"]
    assert Alert("contact-expired", "line-dz") in one.effects
    assert Alert("no-contact", "legal:DZ") in one.effects


# ── values ──
def test_a_text_holds_shared_answers_times_numbers_and_the_service():
    texts = {
        "start.a": "{country} {team.protection.next} {team.protection.first-answer} {keep.case} {silence.forget} {bot.name} {bot.org} {bot.handle} {number.legal}"
    }
    one = Talk(program(flow("start", say("a"), ask("last")), texts=texts), shared={"country": "DZ"})
    one.at += 12 * 3600
    one.starts()
    said = re.sub("[\u2066-\u2069]", "", render(one.program.texts, one.ordered(Send)[0], "en").text)

    assert said == "Algeria Tuesday 24/11 at 08:30 30 minutes 30 days 24 hours Amana a team @amana 14"


def test_a_text_whose_value_is_not_known_is_passed_over():
    texts = {"start.a": "Call {number.legal}", "start.b": "In {country}"}
    one = Talk(program(flow("start", say("a"), say("b"), ask("last")), texts=texts, rows=[]))

    assert one.starts() == ["start.last"]


@pytest.mark.parametrize(
    ("count", "said"),
    [(30, Count(30, "minute")), (240, Count(4, "hour")), (1440, Count(24, "hour")), (2880, Count(48, "hour")), (10080, Count(7, "day"))],
)
def test_lengths_of_time_are_said_in_the_unit_a_person_would_use(count, said):
    assert minutes(count) == said


# ── rendering ──
def test_languages_are_named_in_their_own_words_on_buttons():
    send = Send("x", (Text("bot.which-language"),), tuple(Button(code, Text(f"languages.{code}")) for code in ("ar", "fr", "en")))

    assert [label for _, label, _ in render(program().texts, send, "en").buttons] == ["العربية", "Français", "English"]


def test_parts_stand_one_under_the_other():
    send = Send("x", (Text("bot.yes"), Text("bot.no")))

    assert render(program().texts, send, "fr").text == "Oui\n\nNon"


def test_times_are_utc_without_served_countries():
    assert part_of_day(datetime(2026, 11, 22, 7, tzinfo=UTC).timestamp(), None, replace(SERVICE, countries={})) == "morning"
