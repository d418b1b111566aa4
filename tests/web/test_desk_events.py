"""An open desk hears what changed, in order, with nothing missed after a lost line, and nothing that is not for it."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import httpx
import pytest
from msgspec import structs

from bot.web.desk import events as desk_events
from tests.web.stage import Stage


async def heard(stage: Stage, staff: httpx.AsyncClient, what: Callable[[], Awaitable[None] | None] = lambda: None, **asked) -> list[str]:
    """What a stream says from its opening on, while something happens and until the server stops."""
    stage.parts.closing.clear()

    async def meanwhile() -> None:
        while not stage.view.feed._ears:
            await asyncio.sleep(0)
        done = what()
        if done is not None:
            await done
        await asyncio.sleep(0.02)
        stage.parts.closing.set()
        stage.view.feed.wake()

    acting = asyncio.create_task(meanwhile())
    async with asyncio.timeout(5):
        answer = await staff.get("/desk/events", **asked)
    await acting
    assert answer.headers["content-type"].startswith("text/event-stream")
    first, *events, end = answer.text.split("\n\n")
    assert (first, end) == ("retry: 2000", "")
    assert events.pop() == "event: bye\ndata:"
    return events


async def test_a_change_names_the_case_its_state_and_its_kind_and_nothing_else(stage, staff):
    assert await heard(stage, staff, lambda: stage.desk.changes.tell("K7-42X", "words")) == [
        "id: stage.1\nevent: case\ndata: K7-42X claimed words"
    ]


async def test_who_lost_the_line_hears_everything_since_and_once(stage, staff):
    for n in range(50):
        stage.desk.changes.tell("K7-42X" if n % 2 else "M3-18K", "note")
    back = await heard(stage, staff, headers={"Last-Event-ID": "stage.20"})

    assert [event.split("\n")[0] for event in back] == [f"id: stage.{n}" for n in range(21, 51)]
    assert await heard(stage, staff, headers={"Last-Event-ID": "stage.50"}) == []


async def test_a_page_hears_what_changed_since_it_was_drawn(stage, staff):
    drawn = re.search(r'data-feed="([^"]+)"', (await staff.get("/desk")).text)[1]
    stage.desk.changes.tell("K7-42X", "note")

    assert len(await heard(stage, staff, params={"last": drawn})) == 1
    assert await heard(stage, staff) == []


@pytest.mark.parametrize("last", ["other.3", "stage.999", "<script>"])
async def test_who_comes_from_another_process_or_too_late_is_told_to_look(stage, staff, last):
    stage.desk.changes.tell("K7-42X", "note")

    assert await heard(stage, staff, headers={"Last-Event-ID": last}) == ["id: stage.1\nevent: look\ndata:"]


async def test_nobody_hears_of_teams_they_may_not_see(stage, staff):
    await stage.me(teams=("desk",))

    def both() -> None:
        stage.desk.changes.tell("K7-42X", "note")  # the other team's
        stage.desk.changes.tell("R2-77Q", "note")
        stage.presence.wrote("K7-42X", "Cèdre")

    assert await heard(stage, staff, both) == ["id: stage.2\nevent: case\ndata: R2-77Q waiting note"]


async def test_a_case_that_moves_is_told_to_both_teams(stage, staff):
    await stage.me(teams=("desk",))
    stage.view.current()

    def moved() -> None:
        stage.desk.cases["R2-77Q"] = structs.replace(stage.desk.cases["R2-77Q"], team="safe")
        stage.desk.changes.tell("R2-77Q", "state")

    assert await heard(stage, staff, moved) == ["id: stage.1\nevent: case\ndata: R2-77Q waiting state"]


async def test_a_desk_hears_who_else_writes_and_not_itself(stage, staff):
    async def writes() -> None:
        assert (await staff.post("/desk/K7-42X/writing")).status_code == 204
        stage.presence.wrote("K7-42X", "Cèdre")
        stage.presence.heard("K7-42X", "")

    assert await heard(stage, staff, writes) == [
        "event: writing\ndata: K7-42X Cèdre",
        "event: writing\ndata: K7-42X ",
    ]


async def test_a_stream_ends_when_the_session_is_taken_back(stage, staff, monkeypatch):
    monkeypatch.setattr(desk_events, "ASKED_AGAIN", 0.05)

    async def later() -> None:
        await asyncio.sleep(0.1)
        await stage.door.sign_out("secret")

    ending = asyncio.create_task(later())
    async with asyncio.timeout(3):
        answer = await staff.get("/desk/events")
    await ending

    assert answer.text.endswith("event: bye\ndata:\n\n")
    assert not stage.parts.closing.is_set()
    assert not stage.view.feed._ears


async def test_a_quiet_stream_gives_signs_of_life_that_say_up_to_where_all_was_told(stage, staff, monkeypatch):
    monkeypatch.setattr(desk_events, "BEAT", 0.03)
    stage.desk.changes.tell("K7-42X", "note")
    events = await heard(stage, staff, lambda: asyncio.sleep(0.1))

    assert len(events) >= 2
    assert set(events) == {"id: stage.1\nevent: beat\ndata:"}


async def test_there_are_only_so_many_streams(stage, staff, monkeypatch):
    monkeypatch.setattr(desk_events, "EACH", 1)

    async def second() -> None:
        refused = await staff.get("/desk/events")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")

    await heard(stage, staff, second)
    await heard(stage, staff)
    assert not stage.app.state.streams._of


async def test_strangers_hear_and_say_nothing(stage, web):
    before = stage.view.feed.written

    assert (await web.get("/desk/events")).status_code == 401
    assert (await web.post("/desk/K7-42X/writing")).status_code == 401
    assert (await web.post("/chat/typing")).status_code == 204
    assert stage.view.feed.written == before
