"""That somebody is writing goes from the page to the desk and from the desk to the page, and no word of it."""

import asyncio

from bot.conversation.keeping.envelope import RouteCard, to_bytes
from bot.ports import CaseRecord, Outgoing, Record
from tests.web.stage import Stage


async def with_human(stage: Stage) -> tuple[str, str]:
    """A page whose person talks to a human; gives its secret and its route."""
    secret = await stage.chat.open("fr")
    route = stage.chat._name(secret)
    await stage.chat.send(route, Outgoing(kind="human", language="fr", text="Bonjour", id="human"))
    return secret, route


async def test_a_waiting_page_is_shown_at_once_that_a_caseworker_writes(stage, web):
    secret, route = await with_human(stage)
    web.cookies.set("m", secret)
    before = (await web.get("/chat/new", params={"after": "0"})).json()
    waiting = asyncio.create_task(web.get("/chat/new", params={"after": before["cursor"]}))
    while not stage.chat.readers._at:
        await asyncio.sleep(0)
    await stage.chat.readers.show_writing(route)
    async with asyncio.timeout(2):
        after = (await waiting).json()

    assert (before["writes"], after["writes"], after["letters"]) == (False, True, [])


async def test_the_page_of_another_person_is_shown_nothing(stage):
    secret, _ = await with_human(stage)
    _, other = await with_human(stage)
    waiting = asyncio.create_task(stage.chat.wait(secret, 1, seconds=0.2))
    await asyncio.sleep(0.05)
    await stage.chat.readers.show_writing(other)

    assert not (await waiting).writes


async def test_what_the_person_types_is_told_to_desks_only_while_a_human_has_the_conversation(stage, web):
    secret = await stage.chat.open("fr")
    web.cookies.set("m", secret)
    assert (await web.post("/chat/typing")).status_code == 204
    assert stage.view.feed.written == 0

    secret, _ = await with_human(stage)
    web.cookies.set("m", secret)
    answer = await web.post("/chat/typing")
    assert (answer.status_code, answer.content) == (204, b"")
    assert stage.presence.person_writes("K7-42X")


async def test_a_note_is_nothing_for_the_person_and_an_answer_is(stage, staff, monkeypatch):
    _, route = await with_human(stage)
    person = b"p" * 16
    keys = stage.presence._vault.new_person_keys(person.hex())
    sealed = stage.presence._vault.seal(keys, to_bytes(RouteCard("web", route, "fr")), kind="route", row=person.hex(), version=0)
    shelf = stage.presence._store
    index = stage.desk.cases["K7-42X"]

    async def case(code):
        return CaseRecord(index, person, 1, (), b"")

    async def load(_):
        return Record(1, keys.wraps, None, sealed)

    monkeypatch.setattr(shelf, "case", case)
    monkeypatch.setattr(shelf, "load", load)
    shown = []

    async def show(at):
        shown.append(at)

    stage.presence.ways["web"] = show
    await staff.post("/desk/K7-42X/writing", data={"to": "note"})
    assert shown == []
    await staff.post("/desk/K7-42X/writing")
    assert shown == [route]
    assert stage.presence.writing("K7-42X") == ("Arganier",)


async def test_nobody_writes_to_a_case_of_another_team(stage, staff):
    await stage.me(teams=("desk",))

    assert (await staff.post("/desk/K7-42X/writing")).status_code == 204
    assert stage.presence.writing("K7-42X") == ()
