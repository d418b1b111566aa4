"""The desk without scripts: who waits, what was agreed to, and an answer that goes to one case only."""

import dataclasses
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from msgspec import structs

from bot.flow.teams import Opening
from tests.web.stage import Stage


async def test_nobody_sees_the_desk_without_signing_in(web: httpx.AsyncClient) -> None:
    for method, address in [("GET", "/desk"), ("GET", "/desk/K7-42X"), ("POST", "/desk/K7-42X/answer")]:
        page = await web.request(method, address, data={"text": "x"} if method == "POST" else None)

        assert page.status_code == 303
        assert page.headers["location"] == "/signin"
    assert (await web.get("/desk/events")).status_code == 401


async def test_a_previewed_link_is_not_used_up(stage: Stage, web: httpx.AsyncClient) -> None:
    for _ in range(3):
        assert (await web.get("/signin?token=once")).status_code == 200
    entered = await web.post("/signin", data={"token": "once"})

    assert entered.headers["location"] == "/desk"
    assert "desk=" in entered.headers["set-cookie"]
    assert "httponly" in entered.headers["set-cookie"].lower()


async def test_a_used_link_says_so_and_opens_nothing(stage: Stage, web: httpx.AsyncClient) -> None:
    await web.post("/signin", data={"token": "once"})
    web.cookies.clear()
    again = await web.post("/signin?lang=fr", data={"token": "once"})

    assert again.status_code == 403
    assert stage.says("signin.bad-title") in again.text
    assert "set-cookie" not in again.headers


async def test_signing_out_ends_the_session_in_the_store_too(stage: Stage, staff: httpx.AsyncClient) -> None:
    left = await staff.post("/signout")

    assert left.headers["location"] == "/signin"
    assert await stage.door.who("secret") is None


async def test_the_queue_puts_danger_first_then_broken_promises_then_waiting(stage: Stage, staff: httpx.AsyncClient) -> None:
    page = await staff.get("/desk")

    assert re.findall(r'data-code="([^"]+)"', page.text) == ["M3-18K", "R2-77Q", "B8-31T", "H4-66W", "K7-42X", "P6-03N", "T5-09C"]
    assert re.findall(r'<h2 class="[^"]*">.*?<span>([^<]+)</span>', page.text) == [
        stage.says(f"desk.group.{name}") for name in ("danger", "late", "waiting", "mine", "others")
    ]  # fmt: skip


async def test_the_queue_says_how_late_and_how_long_is_left(stage: Stage, staff: httpx.AsyncClient) -> None:
    page = await staff.get("/desk")

    for late in (4, 22):
        assert stage.says("desk.late", time=stage.says("desk.min", n=late)) in page.text
    assert stage.says("desk.left", time=stage.says("desk.min", n=4)) in page.text
    assert stage.says("desk.hours", h=1, m="22") in page.text


async def test_no_word_of_a_person_is_in_the_queue(stage: Stage, staff: httpx.AsyncClient) -> None:
    page = await staff.get("/desk")

    for entries in stage.desk.entries.values():
        for entry in entries:
            assert not entry.text or entry.text not in page.text


async def test_an_opened_case_shows_what_was_agreed_and_the_thread(stage: Stage, staff: httpx.AsyncClient) -> None:
    page = await staff.get("/desk/K7-42X")

    assert '<dt>Pays</dt><dd dir="auto">Maroc</dd>' in page.text
    assert "bjr c moi. la patrone es sorti jusqua 17h" in page.text
    assert "Place d’hébergement à confirmer jeudi" in page.text
    assert stage.says("desk.note-by", name="Thuya") in page.text


async def test_a_persons_text_stands_in_its_own_block_without_hidden_signs(stage: Stage, staff: httpx.AsyncClient) -> None:
    page = await staff.get("/desk/K7-42X")

    assert "\u202e" not in page.text
    assert "\u200b" not in page.text
    assert stage.says("desk.stripped", n=2) in page.text
    assert '<p class="words" dir="auto">oui sa va.' in page.text


async def test_what_a_person_writes_cannot_become_part_of_the_page(stage: Stage, staff: httpx.AsyncClient) -> None:
    stage.desk.add("K7-42X", "person", "</p><script>alert(1)</script>", "", stage.clock.now())
    page = await staff.get("/desk/K7-42X")

    assert "<script>alert" not in page.text


async def test_media_is_named_and_not_opened(stage: Stage, staff: httpx.AsyncClient) -> None:
    page = await staff.get("/desk/M3-18K")

    assert stage.says("desk.media.voice") in page.text


async def test_the_send_button_names_the_case(stage: Stage, staff: httpx.AsyncClient) -> None:
    page = await staff.get("/desk/K7-42X")

    assert (
        f'<button class="b person push" id="send"><span>{stage.says("desk.send-to")} <span class="code">K7-42X</span></span>' in page.text
    )
    assert 'action="/desk/K7-42X/answer"' in page.text


async def test_the_first_answer_takes_the_case(stage: Stage, staff: httpx.AsyncClient) -> None:
    answered = await staff.post("/desk/M3-18K/answer", data={"text": "Bonjour.", "action": "a1"})

    assert answered.headers["location"] == "/desk/M3-18K?said=sent"
    assert stage.desk.cases["M3-18K"].claimant == "Arganier"
    page = await staff.get(answered.headers["location"])
    assert stage.says("desk.said.sent", code="M3-18K") in page.text


@pytest.mark.parametrize("verb", ["answer", "correct"])
async def test_words_that_wait_for_a_safe_hour_are_said_to_wait(
    stage: Stage, staff: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    async def waits(*_: object, **__: object) -> str:
        return "put-off"

    monkeypatch.setattr(stage.desk, verb, waits, raising=False)
    kept = await staff.post(f"/desk/K7-42X/{verb}", data={"text": "Bonjour.", "action": "a1", "n": "1"})
    assert kept.headers["location"] == "/desk/K7-42X?said=put-off"
    assert stage.says("desk.said.put-off") in (await staff.get(kept.headers["location"])).text


async def test_the_same_form_sent_twice_is_one_answer(stage: Stage, staff: httpx.AsyncClient) -> None:
    for _ in range(2):
        await staff.post("/desk/K7-42X/answer", data={"text": "Bonjour.", "action": "a1"})

    assert stage.desk.done == [("K7-42X", "answer", "Bonjour.", "a1")]


async def test_a_number_without_end_is_no_entry(stage: Stage, staff: httpx.AsyncClient) -> None:
    refused = await staff.post("/desk/M3-18K/correct", data={"text": "Bonjour.", "action": "a1", "n": "9" * 5000})
    assert refused.status_code < 500


@pytest.mark.parametrize(("code", "why"), [("T5-09C", "taken"), ("P6-03N", "unwritten"), ("D2-55F", "closed"), ("E9-14G", "erased")])
async def test_what_was_refused_says_why_and_sends_nothing(stage: Stage, staff: httpx.AsyncClient, code: str, why: str) -> None:
    page = await staff.post(f"/desk/{code}/answer", data={"text": "des mots à garder", "action": "a1"})

    assert page.status_code == 409
    assert stage.says(f"desk.said.{why}", code=code) in page.text
    assert stage.desk.done == []
    assert ("des mots à garder" in page.text) is (code != "E9-14G")


async def test_while_the_store_is_down_the_answer_stays_in_the_box(stage: Stage, staff: httpx.AsyncClient) -> None:
    stage.desk.down = True
    page = await staff.post("/desk/K7-42X/answer", data={"text": "des mots à garder", "action": "a1"})

    assert page.status_code == 503
    assert "des mots à garder</textarea>" in page.text


@pytest.mark.parametrize(("code", "why"), [("E9-14G", "erased"), ("P6-03N", "unwritten"), ("D2-55F", "closed"), ("T5-09C", "taken")])
async def test_a_case_that_may_not_be_answered_has_no_answer_box(stage: Stage, staff: httpx.AsyncClient, code: str, why: str) -> None:
    page = await staff.get(f"/desk/{code}")

    assert f'action="/desk/{code}/answer"' not in page.text
    assert stage.says(f"desk.lock.{why}", **({"name": "Cèdre"} if why == "taken" else {})) in page.text


async def test_a_note_is_kept_beside_the_thread(stage: Stage, staff: httpx.AsyncClient) -> None:
    await staff.post("/desk/T5-09C/note", data={"text": "appeler jeudi", "action": "n1"})

    assert stage.desk.done == [("T5-09C", "note", "appeler jeudi", "n1")]


async def test_closing_needs_an_outcome(stage: Stage, staff: httpx.AsyncClient) -> None:
    refused = await staff.post("/desk/K7-42X/close", data={"action": "x1"})
    closed = await staff.post("/desk/K7-42X/close", data={"action": "x2", "outcome": "referred"})

    assert refused.status_code == 409
    assert stage.says("desk.said.outcome") in refused.text
    assert closed.status_code == 303
    assert stage.desk.done == [("K7-42X", "close", "referred", "False", "", "x2")]


async def test_a_case_of_other_teams_is_not_there(stage: Stage, staff: httpx.AsyncClient) -> None:
    page = await staff.get("/desk/ZZ-99Z")

    assert page.status_code == 404
    assert stage.says("desk.gone", code="ZZ-99Z") in page.text


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
async def test_the_desk_speaks_the_language_of_its_reader(stage: Stage, staff: httpx.AsyncClient, language: str) -> None:
    await staff.post("/desk/language", data={"lang": language, "back": "/desk"})
    page = await staff.get("/desk")

    assert f'<html lang="{language}"' in page.text
    assert f"<title>{stage.says('desk.title', language)}</title>" in page.text


async def test_changing_the_language_leads_nowhere_else(staff: httpx.AsyncClient) -> None:
    for back in ("https://evil.test", "//evil.test", "/chat"):
        answered = await staff.post("/desk/language", data={"lang": "ar", "back": back})

        assert answered.headers["location"] == "/desk"


async def test_outside_the_teams_hours_a_case_is_not_called_late(stage: Stage, staff: httpx.AsyncClient) -> None:
    program = stage.parts.program()
    for name, team in list(program.teams.teams.items()):
        program.teams.teams[name] = dataclasses.replace(team, hours={"MA": (Opening(frozenset({6}), ((540, 600),)),)})
    page = await staff.get("/desk")

    assert '<use href="#i-late"/>' not in page.text.split('id="queue"')[1]
    assert "dimanche" in page.text


async def test_an_unwritten_case_is_marked_in_the_queue(stage: Stage, staff: httpx.AsyncClient) -> None:
    stage.desk.cases["H4-66W"] = structs.replace(stage.desk.cases["H4-66W"], unwritten=True)
    page = await staff.get("/desk")

    assert page.text.count(stage.says("desk.unwritten")) == 2


async def test_outside_the_persons_safe_hours_the_composer_says_so(stage: Stage, staff: httpx.AsyncClient) -> None:
    stage.desk.safe_hours["H4-66W"] = ("evening",)
    page = await staff.get("/desk/H4-66W")

    assert '<span class="safe time">' in page.text
    assert "Le soir" in page.text


async def test_within_the_safe_hours_or_while_the_person_writes_it_is_safe(stage: Stage, staff: httpx.AsyncClient) -> None:
    stage.desk.safe_hours = {"H4-66W": ("evening",), "B8-31T": ("evening", "night")}
    stage.desk.add("H4-66W", "person", "je suis la", "", stage.clock.now() - 60)
    writing = await staff.get("/desk/H4-66W")
    stage.clock.pass_by(7 * 3600)
    evening = await staff.get("/desk/B8-31T")

    assert '<span class="safe good">' in writing.text
    assert '<span class="safe good">' in evening.text


@pytest.mark.parametrize("reason", ["no-group", "no-rights"])
async def test_a_group_out_of_reach_is_said_above_every_queue_until_it_is_mended(
    stage: Stage, staff: httpx.AsyncClient, reason: str
) -> None:
    stage.alarm = f"desk.group.{reason}"
    page = await staff.get("/desk")
    assert stage.says(f"desk.group.{reason}") in page.text

    stage.alarm = ""
    assert 'role="alert"' not in (await staff.get("/desk")).text


async def test_who_may_not_see_the_queue_is_led_to_their_account(stage: Stage, staff: httpx.AsyncClient) -> None:
    await stage.me(roles=("reporter",))

    for address in ("/desk", "/desk/K7-42X", "/desk?show=closed"):
        assert (await staff.get(address)).headers["location"] == "/desk/me"
    for address in ("/desk/rows", "/desk/K7-42X/part", "/desk/K7-42X/older?before=5"):
        answered = await staff.get(address)
        assert answered.status_code == 401
        assert answered.text == ""


async def test_a_part_of_the_queue_holds_only_the_rows_that_are_asked_for(stage: Stage, staff: httpx.AsyncClient) -> None:
    page = await staff.get("/desk/rows?only=K7-42X,ZZ")

    assert len(re.findall(r'<li data-code="[^"]+"><a', page.text)) == 1
    assert len(re.findall(r'<li data-code="[^"]+"></li>', page.text)) == 6


async def test_the_queue_can_be_narrowed_and_strange_values_narrow_nothing(stage: Stage, staff: httpx.AsyncClient) -> None:
    narrowed = await staff.get("/desk?team=safe&language=fr")
    strange = await staff.get("/desk?show=%3Cscript%3E&rows=99999999&team=")

    assert re.findall(r'<li data-code="([^"]+)"', narrowed.text) == ["B8-31T", "K7-42X", "T5-09C"]
    assert len(re.findall(r'<li data-code="', strange.text)) == 7
    assert "<script>" not in strange.text.split("</head>")[1]


async def test_older_entries_come_in_parts_and_a_page_without_scripts_links_to_them(stage: Stage, staff: httpx.AsyncClient) -> None:
    for n in range(250):
        stage.desk.add("K7-42X", "person", f"mot {n}.", "", stage.clock.now())
    page = await staff.get("/desk/K7-42X")
    older = await staff.get("/desk/K7-42X/older?before=159")
    linked = await staff.get("/desk/K7-42X?before=159")

    assert "mot 249." in page.text
    assert "mot 149." not in page.text
    assert 'href="/desk/K7-42X?before=159"' in page.text
    assert 'data-older="59"' in older.text
    assert "mot 149." in older.text
    assert "mot 149." in linked.text
    assert stage.says("desk.newest") in linked.text


async def test_an_act_by_a_script_is_answered_by_the_sentence_alone(stage: Stage, staff: httpx.AsyncClient) -> None:
    done = await staff.post("/desk/K7-42X/answer", data={"text": "Bonjour.", "action": "a1"}, headers={"Accept": "application/json"})
    refused = await staff.post("/desk/T5-09C/answer", data={"text": "Bonjour.", "action": "a2"}, headers={"Accept": "application/json"})

    assert done.json() == {"good": True, "why": "sent", "said": stage.says("desk.said.sent", code="K7-42X")}
    assert refused.status_code == 409
    assert refused.json()["why"] == "taken"


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
async def test_a_code_is_said_aloud_sign_by_sign(stage: Stage, staff: httpx.AsyncClient, language: str) -> None:
    page = await staff.get(f"/desk/K7-42X?lang={language}")

    said = re.findall(r"<bdi>([^<]+)</bdi>", page.text)
    assert said[-5:] == ["K", *(stage.says(f"desk.digit.{digit}", language) for digit in "742"), "X"]


async def test_the_name_of_an_act_is_one_that_our_forms_give_or_a_new_one(stage: Stage, staff: httpx.AsyncClient) -> None:
    for given in ("x" * 65, "a/b", "é", "a b", ""):
        await staff.post("/desk/K7-42X/note", data={"text": "une note", "action": given})
    await staff.post("/desk/K7-42X/note", data={"text": "une note", "action": "abc-1"})

    names = [action for *_, action in stage.desk.done]
    assert names[-1] == "abc-1"
    assert len(names) == len(set(names)) == 6
    assert all(name.isalnum() for name in names[:-1])


@pytest.mark.parametrize(
    ("channel", "fate", "text"),
    [
        ("telegram", "out", "out"), ("telegram", "given", "given.telegram"), ("web", "given", "given.page"), ("web", "fetched", "fetched"),
        ("telegram", "failed", "failed"), ("telegram", "blocked", "blocked"),
    ],
)  # fmt: skip
async def test_the_thread_says_in_words_what_became_of_an_answer(
    stage: Stage, staff: httpx.AsyncClient, channel: str, fate: str, text: str
) -> None:
    now = stage.clock.now()
    stage.desk.add("K7-42X", "staff", "Je vous lis.", "Arganier", now, fate=fate, fate_at=now)
    stage.desk.more["K7-42X"] = {"channel": channel}
    page = (await staff.get("/desk/K7-42X")).text
    shown = [one for one in ("out", "given.telegram", "given.page", "fetched", "failed", "blocked") if _fate(stage, one) in page]

    assert shown == [text]


def _fate(stage: Stage, text: str) -> str:
    return stage.says(f"desk.fate.{text}", time=f"{datetime.fromtimestamp(stage.clock.now(), ZoneInfo('Africa/Casablanca')):%H:%M}")
