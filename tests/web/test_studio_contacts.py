"""Contacts in the studio: a number is corrected, a contact is rung, added, taken away; nothing else of the file is touched."""

import html
import re
from typing import Any

import httpx
import pytest

from tests.web.stage import Stage
from tests.web.studio_forms import form_of as form_in
from tests.web.studio_forms import lines_changed
from tests.web.test_studio import begun

FILE = "flows/directory.yaml"


def form_of(page: str) -> dict[str, Any]:
    """What a browser would send of the form with the fields."""
    return form_in(page, 'class="grid fields"')


async def changed(stage: Stage, draft: str) -> list[str]:
    return await lines_changed(stage, draft, FILE)


@pytest.fixture
async def draft(author: httpx.AsyncClient) -> str:
    return await begun(author)


async def test_every_contact_is_in_the_table_with_what_nobody_serves(author: httpx.AsyncClient, draft: str) -> None:
    page = (await author.get(f"/studio/d/{draft}/contacts")).text

    assert page.count('id="c-') == 36
    assert f'href="/studio/d/{draft}/contacts/new?country=DZ&amp;need=legal"' in page
    some = (await author.get(f"/studio/d/{draft}/contacts?need=police&country=DZ")).text
    assert re.findall(r'id="c-([a-z-]+)"', some) == ["police-dz", "gendarmerie-dz"]


async def test_a_number_is_corrected_and_only_its_line_changes(author: httpx.AsyncClient, studio_stage: Stage, draft: str) -> None:
    at = f"/studio/d/{draft}/contacts/samu-dz"
    fields = form_of((await author.get(at)).text)

    answer = await author.post(at, data={**fields, "phone": "3016\r\n٠٢١ ٣٣"})

    assert answer.headers["location"] == f"{at}?said=saved"
    assert await changed(studio_stage, draft) == ['-     phone: ["115"]', '+     phone: ["3016", "021 33"]']
    assert "3016" in (await author.get(at)).text


async def test_a_form_that_was_not_touched_writes_nothing_for_any_contact(
    author: httpx.AsyncClient, studio_stage: Stage, draft: str
) -> None:
    ids = re.findall(r'id="c-([a-z0-9-]+)"', (await author.get(f"/studio/d/{draft}/contacts")).text)
    for id_ in ids:
        at = f"/studio/d/{draft}/contacts/{id_}"
        answer = await author.post(at, data=form_of((await author.get(at)).text))
        assert answer.headers.get("location") == f"{at}?said=same", id_

    assert await changed(studio_stage, draft) == []


@pytest.mark.parametrize(
    ("field", "written", "why"),
    [
        ("phone", "call me", "number"), ("email", "nowhere", "mail"), ("expires", "soon", "date"), ("who-answers.en", "", "must"),
        ("name.fr", "x" * 700, "long"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_said_at_its_field_and_given_back(
    author: httpx.AsyncClient, studio_stage: Stage, draft: str, field: str, written: str, why: str
) -> None:
    at = f"/studio/d/{draft}/contacts/samu-dz"
    answer = await author.post(at, data={**form_of((await author.get(at)).text), field: written})

    assert answer.status_code == 422
    assert f'id="w-{field}"' in answer.text
    assert html.escape(studio_stage.says(f"contact.no.{why}", language="fr"), quote=False)[:20] in html.unescape(answer.text)
    assert form_of(answer.text)[field] == written
    assert await changed(studio_stage, draft) == []


async def test_hours_are_taken_as_people_write_them(author: httpx.AsyncClient, studio_stage: Stage, draft: str) -> None:
    at = f"/studio/d/{draft}/contacts/samu-dz"
    fields = form_of((await author.get(at)).text)
    days = {f"day.{day}": "8h30 – 16h30" for day in ("sun", "mon", "tue", "wed", "thu")}

    await author.post(at, data={**fields, "hours": "days", **days})

    assert await changed(studio_stage, draft) == ["-     hours: unknown", "+     hours: [{days: sun-thu, open: 08:30-16:30}]"]


async def test_who_rang_is_noted_by_tree_and_the_contact_is_then_checked(
    author: httpx.AsyncClient, studio_stage: Stage, draft: str
) -> None:
    at = f"/studio/d/{draft}/contacts/samu-dz"
    answer = await author.post(f"{at}/rang", data={})

    assert answer.headers["location"] == f"{at}?said=rang"
    lines = await changed(studio_stage, draft)
    assert "+     verified-by: Figuier" in lines
    assert any(line.startswith("+     verified-on: 20") for line in lines)
    assert (await author.post(f"{at}/rang", data={"until": "2000-01-01"})).status_code == 422


async def test_a_corrected_number_is_not_called_checked_because_the_old_one_was(
    author: httpx.AsyncClient, studio_stage: Stage, draft: str
) -> None:
    at = f"/studio/d/{draft}/contacts/samu-dz"
    await author.post(f"{at}/rang", data={})
    answer = await author.post(at, data={**form_of((await author.get(at)).text), "phone": "3016"})

    assert answer.headers["location"] == f"{at}?said=number"
    assert not [line for line in await changed(studio_stage, draft) if "verified-" in line]
    await author.post(f"{at}/rang", data={})
    kept = await author.post(at, data={**form_of((await author.get(at)).text), "name.fr": "SAMU, les urgences"})
    assert kept.headers["location"] == f"{at}?said=saved"
    assert "+     verified-by: Figuier" in await changed(studio_stage, draft)


async def test_two_who_correct_one_number_lose_neither(
    author: httpx.AsyncClient, publisher: httpx.AsyncClient, studio_stage: Stage, draft: str
) -> None:
    at = f"/studio/d/{draft}/contacts/samu-dz"
    fields = form_of((await author.get(at)).text)
    await publisher.post(at, data={**fields, "phone": "1111", "languages": ["ar"]})

    answer = await author.post(at, data={**fields, "phone": "2222"})

    assert answer.status_code == 422
    assert "1111" in answer.text
    assert form_of(answer.text)["phone"] == "2222"
    assert "+     languages: [ar]" in await changed(studio_stage, draft)


async def test_a_contact_is_added_in_all_languages_and_taken_away_again(author: httpx.AsyncClient, studio_stage: Stage, draft: str) -> None:
    page = (await author.get(f"/studio/d/{draft}/contacts/new?need=legal&country=DZ")).text
    fields = form_of(page)
    words = {"name": "Law office", "who-answers": "A lawyer", "may-follow": "They ask for your name.", "cost": "free"}
    said = {f"{key}.{code}": f"{text}{'' if code == 'en' else ' ' + code}" for key, text in words.items() for code in ("en", "fr", "ar")}

    answer = await author.post(f"/studio/d/{draft}/contacts", data={**fields, **said, "phone": "021 00 00", "source": "MEMORY"})

    at = answer.headers["location"].partition("?")[0]
    assert at == f"/studio/d/{draft}/contacts/law-office-dz"
    assert form_of((await author.get(at)).text)["name.ar"] == "Law office ar"
    lines = await changed(studio_stage, draft)
    assert [line[0] for line in lines] == ["+"] * len(lines)
    assert "+     needs: [legal]" in lines
    assert (
        await author.post(f"/studio/d/{draft}/contacts", data={**fields, **said, "source": "MEMORY", "id": "police-dz"})
    ).status_code == 422
    await author.post(f"{at}/remove")
    assert await changed(studio_stage, draft) == []


async def test_taking_the_only_one_away_says_who_is_left_alone(author: httpx.AsyncClient, studio_stage: Stage, draft: str) -> None:
    page = (await author.get(f"/studio/d/{draft}/contacts/civil-protection-dz")).text

    assert html.escape(studio_stage.says("contact.remove.left", language="fr", country="Algérie"), quote=False)[:20] in html.unescape(page)
    assert studio_stage.says("contact.need.emergency", language="fr") in page


async def test_what_is_not_there_is_not_found(author: httpx.AsyncClient, draft: str) -> None:
    assert (await author.get(f"/studio/d/{draft}/contacts/nobody-here")).status_code == 404
    assert (await author.post(f"/studio/d/{draft}/contacts/nobody-here", data={})).status_code == 404
    assert (await author.post(f"/studio/d/{draft}/contacts/nobody-here/rang", data={})).status_code == 404
