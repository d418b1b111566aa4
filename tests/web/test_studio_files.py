"""Any file of a draft as its text: read, checked, completed, saved with what others wrote, uploaded without being written."""

from datetime import date
from itertools import product

import httpx
import pytest

from bot.flow.bundle import Bundle
from bot.flow.language import WORDS
from bot.studio.bundle.looking import look, unreadable
from bot.studio.completing.completion import complete
from bot.studio.completing.keys import help_at, keys_at
from bot.web.wording.words import WORDING
from tests.studio.large import large, shipped
from tests.web.conftest import client_of
from tests.web.stage import Stage

ON = date(2026, 11, 23)
RETURN = "flows/return.yaml"


@pytest.fixture
async def draft(author: httpx.AsyncClient) -> str:
    return (await author.post("/studio", data={"title": "A change"})).headers["location"].rpartition("/")[2]


async def text_of(client: httpx.AsyncClient, draft: str, file: str = RETURN) -> str:
    answer = await client.get(f"/studio/d/{draft}/raw/{file}")
    assert answer.status_code == 200
    return answer.text


def form(text: str, base: str, **more: str) -> dict[str, tuple[None, str]]:
    return {name: (None, value) for name, value in {"text": text, "base": base, "began": "1", **more}.items()}


async def test_a_file_is_shown_whole_and_every_file_is_in_the_list(author: httpx.AsyncClient, draft: str):
    listed = (await author.get(f"/studio/d/{draft}/files")).text
    for path in shipped():
        assert f'href="/studio/d/{draft}/files/{path}"' in listed
    page = await author.get(f"/studio/d/{draft}/flows/return/yaml")
    assert page.status_code == 200
    assert "ask: under-18" in page.text
    assert (await author.get(f"/studio/d/{draft}/files/locales/ar/LC_MESSAGES/flows.po")).status_code == 200


@pytest.mark.parametrize(
    "path", ["flows/nothing/yaml", "flows/bot/yaml", "files/flows/nothing.yaml", "files/../../etc/passwd", "raw/pyproject.toml"]
)
async def test_what_is_no_file_of_the_draft_is_not_there(author: httpx.AsyncClient, draft: str, path: str):
    assert (await author.get(f"/studio/d/{draft}/{path}")).status_code == 404


async def test_a_file_is_saved_without_scripts_and_merged_with_what_others_wrote(
    author: httpx.AsyncClient, publisher: httpx.AsyncClient, draft: str
):
    base = await text_of(author, draft)
    theirs, mine = (
        base.replace("Never pay, not even a little.", "Never pay, not a little."),
        base.replace("You ask, you sign, you can refuse.", "You ask. You sign. You can refuse."),
    )

    assert (await publisher.post(f"/studio/d/{draft}/files/{RETURN}", files=form(theirs, base))).status_code == 303
    answer = await author.post(f"/studio/d/{draft}/files/{RETURN}", files=form(mine.replace("\n", "\r\n"), base))

    assert answer.status_code == 303
    text = await text_of(author, draft)
    assert "Never pay, not a little." in text
    assert "You ask. You sign." in text


async def test_two_who_write_the_same_line_lose_neither(author: httpx.AsyncClient, publisher: httpx.AsyncClient, draft: str):
    base = await text_of(author, draft)
    await publisher.post(f"/studio/d/{draft}/files/{RETURN}", files=form(base.replace("Never pay, not even a little.", "Theirs."), base))

    answer = await author.post(
        f"/studio/d/{draft}/files/{RETURN}", files=form(base.replace("Never pay, not even a little.", "Mine."), base)
    )

    assert answer.status_code == 409
    assert answer.text.count("Theirs.") >= 2  # beside, and what the next saving begins with
    assert "Mine." in answer.text
    again = await author.post(
        f"/studio/d/{draft}/files/{RETURN}",
        files=form(base.replace("Never pay, not even a little.", "Mine."), await text_of(author, draft)),
    )
    assert again.status_code == 303
    assert "Mine." in await text_of(author, draft)


@pytest.mark.parametrize(
    ("body", "line", "sign"),
    [
        (b"flow: return\ntitle: T\nsteps:\n  - say: \xff\xfe\n", 4, "explain.yaml"),
        (b"flow: return\ntitle: T\nsteps: [" + b"[" * 100_000, 3, "explain.yaml"),
        (b"flow: return\ntitle: &a T\nsteps: *a\n", 2, "explain.yaml"),
        (b"flow: return\ntitle: T\nsteps:\n  - ask: x\n\ttext: y\n", 5, "explain.yaml"),
        (b"flow: return\ntitle: T\nsteps:\n  - say: x\n    text: \xe2\x80\xaehidden\n  - end\n", 5, "explain.yaml"),
        (b"flow: return\ntitle: T\nsteps:\n  - say: x\n    text: Hello.\n  - go: nowhere-at-all\n", 6, "explain.no-such-place"),
        (b"", 1, "explain.yaml"),
        (b"\x00" * 50, 1, "explain.yaml"),
    ],
)
async def test_a_malformed_or_hostile_upload_says_its_line_and_is_written_nowhere(
    author: httpx.AsyncClient, studio_stage: Stage, draft: str, body: bytes, line: int, sign: str
):
    before = await text_of(author, draft)

    answer = await author.post(
        f"/studio/d/{draft}/files/{RETURN}", files={"upload": ("x.yaml", body), "text": (None, ""), "base": (None, "")}
    )

    assert answer.status_code == 422
    assert f"Ligne {line}<" in answer.text
    assert studio_stage.says(sign, "fr").split("{")[0] in answer.text
    assert await text_of(author, draft) == before


async def test_an_upload_too_large_for_any_file_is_refused(author: httpx.AsyncClient, draft: str):
    answer = await author.post(f"/studio/d/{draft}/files/{RETURN}", files={"upload": ("x.yaml", b"a" * 3_000_000)})

    assert answer.status_code == 413


async def test_a_catalog_is_read_here_and_written_elsewhere(author: httpx.AsyncClient, draft: str):
    path = "locales/fr/LC_MESSAGES/flows.po"
    assert (await author.post(f"/studio/d/{draft}/files/{path}", files=form("x", "y"))).status_code == 405


async def test_problems_completions_and_help_come_in_the_readers_language(author: httpx.AsyncClient, studio_stage: Stage, draft: str):
    text = (await text_of(author, draft)).replace("go: waiting", "go: wating", 1)
    seen = (await author.post(f"/studio/d/{draft}/look", json={"file": RETURN, "text": text})).json()
    done = (
        await author.post(
            f"/studio/d/{draft}/complete", json={"file": RETURN, "before": "flow: return\nsteps:\n  - ask: a\n    sk", "after": ""}
        )
    ).json()
    told = (
        await author.post(
            f"/studio/d/{draft}/explain",
            json={"file": RETURN, "before": "flow: return\nsteps:\n  - ask: a\n    ", "word": "skip", "after": "skip: yes"},
        )
    ).json()

    assert [(one["rule"], one["suggestion"], one["title"]) for one in seen["here"]] == [
        ("no-such-place", "waiting", studio_stage.says("explain.no-such-place", "fr"))
    ]
    assert done["typed"] == "sk"
    assert {"label": "skip", "kind": "key", "more": "", "about": studio_stage.says("studio.key.ask.skip", "fr"), "then": ": "} in done[
        "options"
    ]
    assert told["about"] == studio_stage.says("studio.key.ask.skip", "fr")


@pytest.mark.parametrize("place", ["look", "complete", "explain"])
@pytest.mark.parametrize("body", [b"", b"[]", b'{"file": 3}', b"\xff", b'{"file": "/etc/passwd"}'])
async def test_what_is_no_question_is_refused(author: httpx.AsyncClient, draft: str, place: str, body: bytes):
    assert (await author.post(f"/studio/d/{draft}/{place}", content=body)).status_code in (404, 422)


async def test_who_may_not_write_flows_reads_no_file(studio_stage: Stage, draft: str):
    async with client_of(studio_stage, "secret") as caseworker:
        for path in ("files", f"files/{RETURN}", f"raw/{RETURN}"):
            assert (await caseworker.get(f"/studio/d/{draft}/{path}")).status_code == 404
        assert (await caseworker.post(f"/studio/d/{draft}/look", json={"file": RETURN})).status_code == 404


def test_a_look_shows_what_a_text_would_bring_elsewhere():
    text = shipped()[RETURN].replace("Never pay, not even a little.", "Never pay anything.")
    seen = look(shipped(), RETURN, text, ON)

    assert seen.here == ()
    assert {problem.rule for problem in seen.elsewhere} == {"stale-translation"}
    assert look(shipped(), RETURN, shipped()[RETURN], ON).elsewhere == ()


def test_bytes_that_are_no_text_say_the_first_line_that_is_none():
    assert unreadable("x", b"a\xc3\xa9\nb\r\n\xff")[1].line == 3  # type: ignore[union-attr]
    assert unreadable("x", b"\xef\xbb\xbfa\r\nb\rc") == ("a\nb\nc", None)


def test_every_key_and_word_that_is_offered_is_explained():
    places = [("flow", (), ""), ("flow", ("steps", "#"), ""), *(("flow", ("steps", "#"), word) for word in WORDS)]
    places += [("flow", ("steps", "#", *below), "ask") for below in (("number",), ("date",), ("free",))]
    places += [("flow", ("steps", "#", "rows", "#"), "decide"), ("flow", ("steps", "#", "list", "#"), "pages")]
    below = {
        "bot": [(), ("on",), ("countries", "DZ"), ("silence",), ("keep",), ("limits",), ("wording",)],
        "words": [(), ("danger", "x")],
        "directory": [(), ("contacts", "x"), ("contacts", "x", "hours", "#")],
        "teams": [
            (),
            ("calendar", "DZ"),
            ("calendar", "DZ", "ramadan", "#"),
            ("teams", "x"),
            ("teams", "x", "hours", "DZ", "#"),
            ("teams", "x", "alert", "#"),
        ],
        "sources": [()],
        "replies": [(), ("replies", "x")],
    }
    places += [(kind, path, "") for kind, paths in below.items() for path in paths]
    helps = {help_at(kind, path, word, key) for kind, path, word in places for key in keys_at(kind, path, word)}
    helps |= {
        option.help for before in ("", "> a\n") for option in complete(Bundle({}), "flows/tests/x.chat", before).options if option.help
    }

    assert {one for one in helps if f"studio.key.{one}" not in WORDING and f"studio.key.{one.rpartition('.')[2]}" not in WORDING} == set()
    assert all(keys_at(kind, path, word) for kind, path, word in places)


@pytest.mark.parametrize(("path", "broken"), list(product(["flows/large.yaml", "flows/words.yaml"], [True, False])))
def test_a_look_at_any_half_of_a_long_file_is_a_value(path: str, broken: bool):
    text = large()[path]
    seen = look(large(), path, text[: len(text) // 2] if broken else text, ON)
    assert bool(seen.here) == broken
