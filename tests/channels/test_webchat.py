"""The web page's mailbox: named by an HMAC, sealed, read by cursor, gone in time."""

import asyncio
from typing import Any

import pytest

from bot.channels.webchat import IDLE, KEPT_AFTER_READING, MAIL, SEATS, Webchat
from bot.engine.events import Said, WordPressed
from bot.ports import Outgoing, SendFailed, StoreUnavailable
from tests.fakes import Counted, FakeClock, MemoryStore


class Seals:
    """Hides nothing but binds a note to its place."""

    def seal_note(self, space: str, key: str, body: bytes) -> bytes:
        return f"{space}|{key}|".encode() + body

    def open_note(self, space: str, key: str, sealed: bytes) -> bytes:
        head = f"{space}|{key}|".encode()
        assert sealed.startswith(head)
        return sealed[len(head) :]


class Door:
    """Keeps what is accepted; may be told to fail."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.down = False

    async def accept(self, items: Any) -> Any:
        if self.down:
            raise StoreUnavailable
        known = {(item.identity, item.event_id) for item in self.items}
        fresh = [(item.identity, item.event_id) not in known for item in items]
        self.items += [item for item, new in zip(items, fresh, strict=True) if new]
        return fresh


class Here:
    """A mailbox with all it stands on."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock)
        self.door = Door()
        self.chat = Webchat(store=self.store, intake=self.door, vault=Seals(), clock=self.clock, chance=Counted(), naming=lambda: b"k" * 32)

    async def seated(self, language: str = "fr") -> tuple[str, str]:
        secret = await self.chat.open(language)
        await self.chat.post(secret, "client-0", Said(at=0.0, text="hello"))
        return secret, self.door.items[-1].route

    async def hear(self, route: str, text: str, **more: Any) -> None:
        await self.chat.send(route, Outgoing(kind=more.pop("kind", "bot"), language=more.pop("language", "fr"), text=text, **more))

    async def texts(self, secret: str, after: int = 0) -> list[str]:
        box = await self.chat.read(secret, after)
        assert box is not None
        return [letter.text for letter in box.letters if letter.kind != "me"]


@pytest.fixture
def here() -> Here:
    return Here()


async def test_the_server_keeps_only_an_hmac_of_the_browser_secret(here: Here) -> None:
    secret, route = await here.seated()

    assert len(secret) == 26
    assert secret not in route
    notes = [*await here.store.notes(SEATS), *await here.store.notes(MAIL)]
    assert notes
    assert not any(secret in note.key or secret.encode() in note.value for note in notes)


async def test_identity_and_route_are_the_hmac_and_the_event_is_named_by_the_client(here: Here) -> None:
    secret = await here.chat.open("fr")
    await here.chat.post(secret, "abcdefgh", Said(at=1.0, text="x"))

    item = here.door.items[0]
    assert item.channel == "web"
    assert item.identity == item.route
    assert len(item.route) == 64
    assert item.event_id == "web:abcdefgh"


async def test_a_resend_under_the_same_client_id_is_one_message(here: Here) -> None:
    secret = await here.chat.open("fr")
    for _ in range(3):
        await here.chat.post(secret, "abcdefgh", Said(at=1.0, text="x"))

    box = await here.chat.read(secret)
    assert len(here.door.items) == 1
    assert box is not None
    assert [letter.client for letter in box.letters] == ["abcdefgh"]


async def test_what_needs_no_bubble_has_none(here: Here) -> None:
    secret = await here.chat.open("fr")
    await here.chat.post(secret, "abcdefgh", Said(at=1.0, text="x"), label=None)

    box = await here.chat.read(secret)
    assert box is not None
    assert box.letters == ()
    assert len(here.door.items) == 1


async def test_what_a_person_types_is_in_no_letter(here: Here) -> None:
    secret = await here.chat.open("fr")
    await here.chat.post(secret, "abcdefgh", Said(at=1.0, text="mon patron garde mes papiers"))

    box = await here.chat.read(secret)
    assert box is not None
    assert [(letter.kind, letter.text, letter.label) for letter in box.letters] == [("me", "", "")]


async def test_letters_are_sealed(here: Here) -> None:
    _, route = await here.seated()
    await here.hear(route, "un texte tres reconnaissable")

    assert not any(b"reconnaissable" in note.value for note in await here.store.notes(MAIL))


async def test_a_letter_moved_to_another_mailbox_does_not_open(here: Here) -> None:
    one, route = await here.seated()
    two = await here.chat.open("fr")
    await here.hear(route, "secret")
    other = next(note.key for note in await here.store.notes(SEATS) if note.key != route)
    letter = (await here.store.notes(MAIL, prefix=f"{route}/"))[-1]
    await here.store.put_note(MAIL, f"{other}/{letter.key.rpartition('/')[2]}", letter.value)

    assert await here.texts(two) == []
    assert await here.texts(one) == ["secret"]


async def test_reading_goes_on_from_the_cursor(here: Here) -> None:
    secret, route = await here.seated()
    await here.hear(route, "one")
    box = await here.chat.read(secret)
    assert box is not None
    await here.hear(route, "two")

    assert await here.texts(secret, box.cursor) == ["two"]


async def test_two_writers_at_once_lose_nothing_and_keep_an_order(here: Here) -> None:
    secret, route = await here.seated()
    await asyncio.gather(*(here.hear(route, str(n)) for n in range(20)))

    box = await here.chat.read(secret)
    assert box is not None
    assert sorted(await here.texts(secret), key=int) == [str(n) for n in range(20)]
    assert [letter.n for letter in box.letters] == sorted({letter.n for letter in box.letters})


async def test_a_letter_is_gone_a_day_after_it_was_read(here: Here) -> None:
    secret, route = await here.seated()
    await here.hear(route, "soon gone")
    here.clock.pass_by(1800)
    assert await here.texts(secret) == ["soon gone"]
    for _ in range(24):
        here.clock.pass_by(3599)
        await here.chat.read(secret, 99)

    assert await here.texts(secret) == ["soon gone"]
    here.clock.pass_by(KEPT_AFTER_READING - 24 * 3599 + 1)
    assert await here.texts(secret) == []


async def test_a_session_ends_after_a_day_without_a_sign_of_the_browser(here: Here) -> None:
    secret, route = await here.seated()
    here.clock.pass_by(IDLE + 1)

    assert await here.chat.read(secret) is None
    with pytest.raises(SendFailed) as failed:
        await here.hear(route, "anyone?")
    assert failed.value.reason == "person-left"


async def test_a_browser_that_looks_keeps_its_session(here: Here) -> None:
    secret, _ = await here.seated()
    for _ in range(5):
        here.clock.pass_by(IDLE / 2)
        assert await here.chat.read(secret) is not None


async def test_a_bell_wakes_a_waiting_reader(here: Here) -> None:
    secret, route = await here.seated()
    box = await here.chat.read(secret)
    assert box is not None
    waiting = asyncio.create_task(here.chat.wait(secret, box.cursor, seconds=30, catch_up=30))
    await asyncio.sleep(0)
    await here.hear(route, "ding")

    async with asyncio.timeout(1):
        news = await waiting
    assert news is not None
    assert [letter.text for letter in news.letters] == ["ding"]


async def test_a_reader_whose_bell_was_lost_looks_for_itself(here: Here) -> None:
    secret, route = await here.seated()
    box = await here.chat.read(secret)
    assert box is not None
    elsewhere = Webchat(store=here.store, intake=here.door, vault=Seals(), clock=here.clock, chance=Counted(), naming=lambda: b"k" * 32)
    waiting = asyncio.create_task(here.chat.wait(secret, box.cursor, seconds=30, catch_up=0.01))
    await asyncio.sleep(0)
    await elsewhere.send(route, Outgoing(kind="bot", language="fr", text="from another process"))

    async with asyncio.timeout(1):
        news = await waiting
    assert news is not None
    assert news.letters[0].text == "from another process"


async def test_closing_lets_every_reader_go(here: Here) -> None:
    secret, _ = await here.seated()
    waiting = asyncio.create_task(here.chat.wait(secret, 99, seconds=600, catch_up=600))
    await asyncio.sleep(0)
    here.chat.close()

    async with asyncio.timeout(1):
        assert await waiting is not None


async def test_erase_destroys_key_and_letters_at_once(here: Here) -> None:
    secret, route = await here.seated()
    await here.hear(route, "one")
    before = await here.store.note(SEATS, route)
    await here.chat.post(secret, "client-9", WordPressed(at=1.0, word="erase"))

    after = await here.store.note(SEATS, route)
    assert await here.store.notes(MAIL) == []
    assert before is not None
    assert after is not None
    assert before.value[-40:-20] not in after.value
    box = await here.chat.read(secret)
    assert box is not None
    assert box.ended == "erase"
    assert here.door.items[-1].event == WordPressed(at=1.0, word="erase")


async def test_a_farewell_ends_the_page_when_erase_was_typed(here: Here) -> None:
    secret, route = await here.seated()
    await here.hear(route, "gone", kind="farewell")

    box = await here.chat.read(secret)
    assert box is not None
    assert box.ended == "erase"
    assert await here.store.notes(MAIL) == []


async def test_nothing_is_delivered_after_the_end_and_nobody_is_blamed(here: Here) -> None:
    secret, route = await here.seated()
    await here.chat.post(secret, "client-9", WordPressed(at=1.0, word="stop"))
    await here.hear(route, "late")

    assert await here.store.notes(MAIL) == []
    here.clock.pass_by(601)
    assert await here.chat.read(secret) is None


async def test_stop_with_a_request_open_empties_the_page_but_keeps_the_way_back(here: Here) -> None:
    secret, route = await here.seated()
    await here.hear(route, "someone will read this", who="waiting")
    await here.chat.post(secret, "client-9", WordPressed(at=1.0, word="stop"))

    assert await here.texts(secret) == []
    await here.hear(route, "an answer", kind="human")
    assert await here.texts(secret) == ["an answer"]


async def test_the_page_knows_who_has_the_conversation_and_its_language(here: Here) -> None:
    secret, route = await here.seated("ar")
    await here.hear(route, "one", who="waiting", language="fr")
    first = await here.chat.read(secret)
    await here.hear(route, "two", kind="human", language="en")
    second = await here.chat.read(secret)

    assert first is not None
    assert second is not None
    assert (first.who, first.language) == ("waiting", "fr")
    assert (second.who, second.language) == ("human", "fr")


async def test_messages_can_be_removed_by_the_id_that_sending_gave(here: Here) -> None:
    secret, route = await here.seated()
    receipt = await here.chat.send(route, Outgoing(kind="bot", language="fr", text="one"))
    assert receipt.message is not None
    await here.chat.send(route, Outgoing(kind="remove", language="fr", remove_ids=(receipt.message, "not-a-number")))

    assert await here.texts(secret) == []


async def test_a_caseworkers_topic_cannot_be_sent_to_a_page(here: Here) -> None:
    _, route = await here.seated()
    with pytest.raises(SendFailed) as failed:
        await here.hear(route, "x", kind="topic")

    assert failed.value.reason == "no-group"


async def test_nothing_is_promised_while_the_store_is_down(here: Here) -> None:
    secret = await here.chat.open("fr")
    here.door.down = True
    with pytest.raises(StoreUnavailable):
        await here.chat.post(secret, "abcdefgh", Said(at=1.0, text="x"))
    here.door.down = False
    await here.chat.post(secret, "abcdefgh", Said(at=1.0, text="x"))

    box = await here.chat.read(secret)
    assert box is not None
    assert len(here.door.items) == len(box.letters) == 1


async def test_a_secret_nobody_has_opens_nothing(here: Here) -> None:
    await here.seated()

    assert await here.chat.read("guess") is None
    assert not await here.chat.post("guess", "abcdefgh", Said(at=1.0, text="x"))


async def test_that_a_page_fetched_a_caseworker_s_words_is_told_once_and_nothing_is_told_of_the_machine_s(here: Here) -> None:
    told: list[tuple[str, int, float]] = []

    async def fetched(route: str, n: int, at: float) -> None:
        told.append((route, n, at))

    here.chat._fetched = fetched
    secret, route = await here.seated()
    await here.hear(route, "machine")
    at = here.clock.now()
    await here.hear(route, "human", kind="human")
    assert told == []
    here.clock.pass_by(60)
    await here.texts(secret)
    await here.texts(secret)
    assert [(where, when) for where, _, when in told] == [(route, at)]
