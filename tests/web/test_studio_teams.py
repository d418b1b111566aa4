"""Teams and hours in the studio: hours are changed, a calendar is mended, and what people are told then is said by the engine."""

import time
from typing import Any

import httpx
import pytest
from starlette.datastructures import FormData

from bot.studio.showing.hours import roster, told_at
from bot.web.studio.team_form import calendar_edits, calendar_from
from tests.web.stage import Stage
from tests.web.studio_forms import form_of as form_in
from tests.web.studio_forms import lines_changed
from tests.web.test_studio import begun
from tests.world import real_bundle

FILE = "flows/teams.yaml"
FRIDAY_NIGHT, SUNDAY, FEAST, FASTING = "2026-11-27T23:10", "2026-11-29T09:00", "2026-11-01T10:00", "2027-02-14T16:00"


def form_of(page: str, at: str) -> dict[str, Any]:
    """What a browser would send of the form at this address."""
    return form_in(page, f'action="{at}')


async def changed(stage: Stage, draft: str) -> list[str]:
    return await lines_changed(stage, draft, FILE)


@pytest.fixture
async def draft(author: httpx.AsyncClient) -> str:
    return await begun(author)


# ── what people are told ──
@pytest.mark.parametrize(("when", "open_"), [(FRIDAY_NIGHT, False), (SUNDAY, True), (FEAST, False), (FASTING, False)])
def test_what_is_told_follows_the_calendar(when: str, open_: bool) -> None:
    told = told_at(real_bundle(), "protection", "DZ", when)

    assert told is not None
    assert told.open == open_
    assert set(told.says) == {"ar", "fr", "en"}


def test_on_a_friday_night_people_read_when_somebody_is_there() -> None:
    told = told_at(real_bundle(), "protection", "DZ", FRIDAY_NIGHT)

    assert told is not None
    assert "08:30" in told.says["ar"]
    assert "29/11" in told.says["fr"]


@pytest.mark.parametrize(
    ("team", "country", "when"), [("nobody", "DZ", SUNDAY), ("protection", "XX", SUNDAY), ("protection", "DZ", "soon")]
)
def test_what_cannot_be_told_is_nothing(team: str, country: str, when: str) -> None:
    assert told_at(real_bundle(), team, country, when) is None


def test_a_file_that_cannot_be_read_still_gives_a_roster() -> None:
    broken = roster(real_bundle().with_file(FILE, "teams: ["), "fr")

    assert not broken.readable
    assert broken.teams == ()


# ── pages ──
async def test_every_team_is_shown_with_its_week(author: httpx.AsyncClient, draft: str) -> None:
    page = (await author.get(f"/studio/d/{draft}/teams?when={FRIDAY_NIGHT}&team=protection&country=DZ")).text

    assert page.count('<svg class="strip"') == 3 * 2 * 7
    assert "29/11" in page


async def test_a_form_that_was_not_touched_writes_nothing(author: httpx.AsyncClient, studio_stage: Stage, draft: str) -> None:
    for team in ("protection", "child-protection", "return-desk"):
        at = f"/studio/d/{draft}/teams/{team}"
        answer = await author.post(at, data=form_of((await author.get(at)).text, at))
        assert answer.headers.get("location") == f"{at}?said=same"
    for country in ("DZ", "MA"):
        at = f"/studio/d/{draft}/calendar/{country}"
        answer = await author.post(at, data=form_of((await author.get(f"/studio/d/{draft}/teams")).text, at))
        assert answer.headers["location"].endswith("said=same")

    assert await changed(studio_stage, draft) == []


async def test_one_day_longer_changes_one_row(author: httpx.AsyncClient, studio_stage: Stage, draft: str) -> None:
    at = f"/studio/d/{draft}/teams/return-desk"
    fields = form_of((await author.get(at)).text, at)

    answer = await author.post(at, data={**fields, "hours.MA.fri": "9h – 12h, 14h–17h"})

    assert answer.headers["location"] == f"{at}?said=saved"
    assert await changed(studio_stage, draft) == [
        "-       MA: [{days: mon-thu, open: 09:00-12:00 14:00-17:00}, {days: fri, open: 09:00-11:30}]",
        "+       MA: [{days: mon-fri, open: 09:00-12:00 14:00-17:00}]",
    ]


async def test_promise_alert_and_name_are_changed_in_their_lines(author: httpx.AsyncClient, studio_stage: Stage, draft: str) -> None:
    at = f"/studio/d/{draft}/teams/return-desk"
    fields = form_of((await author.get(at)).text, at)

    await author.post(
        at, data={**fields, "first.n": "2", "alert.1.n": "6", "alert.1.unit": "hour", "alert.1.to": "on-call", "name.fr": "L’équipe retour"}
    )

    lines = await changed(studio_stage, draft)
    assert "+     first-answer: 2 hours" in lines
    assert "+     alert: [{after: 2 hours, to: protection}, {after: 6 hours, to: on-call}]" in lines
    assert len(lines) == 4
    assert 'msgstr "L’équipe retour"' in (await studio_stage.workshop.bundle(draft))["locales/fr/LC_MESSAGES/flows.po"]


@pytest.mark.parametrize(
    ("field", "written", "at"),
    [("hours.DZ.sun", "always", "hours.DZ.sun"), ("first.n", "soon", "first"), ("alert.0.to", "", "alert.0"), ("name.en", "", "name.en")],
)
async def test_what_cannot_be_is_said_at_its_field(
    author: httpx.AsyncClient, studio_stage: Stage, draft: str, field: str, written: str, at: str
) -> None:
    page = f"/studio/d/{draft}/teams/protection"
    answer = await author.post(page, data={**form_of((await author.get(page)).text, page), field: written})

    assert answer.status_code == 422
    assert f'id="w-{at}"' in answer.text
    assert form_of(answer.text, page)[field] == written
    assert await changed(studio_stage, draft) == []


def test_a_line_of_a_calendar_that_is_nothing_but_spaces_holds_nobody_up() -> None:
    began = time.process_time()

    with pytest.raises(ValueError, match="a b"):
        calendar_edits("DZ", calendar_from(FormData({"ramadan": f"a{' ' * 200_000}b"})), {})

    assert time.process_time() - began < 1


async def test_a_holiday_is_added_as_people_write_days(author: httpx.AsyncClient, studio_stage: Stage, draft: str) -> None:
    at = f"/studio/d/{draft}/calendar/DZ"
    fields = form_of((await author.get(f"/studio/d/{draft}/teams")).text, at)

    answer = await author.post(at, data={**fields, "holidays": fields["holidays"] + "\r\n٢/١٢/٢٠٢٦"})

    assert answer.status_code == 303
    lines = await changed(studio_stage, draft)
    assert [line[0] for line in lines] == ["-", "+"]
    assert "2026-12-02" in lines[1]
    bad = await author.post(at, data={**fields, "holidays": "next week"})
    assert bad.status_code == 422
    assert "next week" in bad.text


async def test_a_team_is_added_and_taken_away(author: httpx.AsyncClient, studio_stage: Stage, draft: str) -> None:
    fields = form_of((await author.get(f"/studio/d/{draft}/teams/new")).text, f"/studio/d/{draft}/teams")
    named = {"name.en": "The night team", "name.fr": "L’équipe de nuit", "name.ar": "فريق الليل"}

    answer = await author.post(f"/studio/d/{draft}/teams", data={**fields, **named, "hours.DZ.sun": "20:00-02:00"})

    at = answer.headers["location"].partition("?")[0]
    assert at.endswith("/teams/night-team")
    assert "+       DZ: [{days: sun, open: 20:00-02:00}]" in await changed(studio_stage, draft)
    await author.post(f"{at}/remove")
    assert await changed(studio_stage, draft) == []
