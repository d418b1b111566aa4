"""Many people and caseworkers at once, on two channels and two desks: who they are, what they do, and what came to whom.

Rule 1: every answer carries a mark that names its person, the case it was written for and its number; where a mark arrived is read from
the ledger of the Bot API double and from the mailboxes of the web page, and from nothing else.
"""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from bot import config
from bot.bootstrap.build import build_house
from tests.botapi.server import Asked
from tests.faults.rig import GROUP, Rig
from tests.faults.sizes import SOAK
from tests.signing import sign_in

CODE = re.compile(r"[2-9A-HJ-NP-Z]{3}-[2-9A-HJ-NP-Z]{3}")
MARK = re.compile(r"answer-(\d+)-([2-9A-HJ-NP-Z]{3}-[2-9A-HJ-NP-Z]{3}|none)-(\d+)")
WORDS = re.compile(r"words of [a-j]+ [a-j]+\.")
PATIENCE = 600.0 if SOAK else 60.0
"""Seconds in which anything that is waited for comes."""
FIRST_USER, FIRST_CHAT = 500, 20_000
_LETTERS = str.maketrans("0123456789", "abcdefghij")
_clients = count(1)


@dataclass
class Caseworker:
    """One who answers in the browser and in the group, under one account. `user`: their number in Telegram; `token`: of their link."""

    user: int
    name: str
    desk: httpx.AsyncClient
    token: str

    async def does(self, code: str, verb: str, **form: str) -> str:
        """Post one form of the desk; gives what the page says of it: `sent`, `done`, `slow`, or `refused`."""
        answer = await self.desk.post(f"/desk/{code}/{verb}", data={"action": f"a{next(_clients):08d}", **form})
        assert answer.status_code in (303, 404, 409), answer.status_code
        return answer.headers["location"].rpartition("said=")[2] if answer.status_code == 303 else "refused"


@dataclass
class Person:
    """Somebody who talks to caseworkers. `page`: their browser; None: they write by Telegram."""

    id: int
    page: httpx.AsyncClient | None
    worker: Caseworker
    code: str = ""
    topic: int = 0
    asked: int = 0
    busy: bool = False
    gone: set[str] = field(default_factory=set)  # cases that were erased
    heard: Counter[tuple[int, str, int]] = field(default_factory=Counter)  # marks that were in the mailbox when it was left

    @property
    def words(self) -> str:
        """What only they say, and only this time."""
        return f"words of {str(self.id).translate(_LETTERS)} {str(self.asked).translate(_LETTERS)}."


class Street:
    """All of them. `sure`: marks that must not arrive anywhere; `sent`: accepted ones."""

    def __init__(self, rig: Rig, chance: random.Random) -> None:
        self.rig = rig
        self.chance = chance
        self.people: list[Person] = []
        self.workers: list[Caseworker] = []
        self.never: dict[int, str] = {}  # number → why it must not arrive
        self.sent: dict[int, Person] = {}
        self.refused: set[int] = set()
        self.messages: dict[int, int] = {}  # message in the group → number of its mark
        self.own: dict[int, list[tuple[int, int]]] = {}  # person → (message, user) of their answers in the topic
        self.said: dict[str, int] = {}  # what somebody said → the topic in which the group was told of it
        self.topics: dict[int, str] = {}  # topic → the case it was made for
        self._numbers = count(1)
        rig.double.on_call = self._saw

    # ── who there is ──
    async def hire(self, many: int) -> None:
        """Give so many caseworkers an account each, before the service starts."""
        house = build_house(config.read(self.rig.env()), guest=True)
        await house.store.open()
        try:
            tokens = []
            for user in range(FIRST_USER, FIRST_USER + many):
                id_ = f"tg-{house.vault.person('desk', str(user)).hex()[:16]}"
                member = await house.staff.add(id_, language="fr", capacity=0)
                tokens.append((user, member.name, await house.door.link(member, "enter")))
        finally:
            await house.store.close()
        for user, name, token in tokens:
            self.workers.append(Caseworker(user, name, self._browser(), token))

    async def sign_in(self) -> None:
        """Let each caseworker use their link, once the service is there."""
        for worker in self.workers:
            await sign_in(worker.desk, worker.token)

    async def settle(self, many: int) -> None:
        """Let so many people ask for a caseworker, every second one by the web page."""
        for n in range(many):
            page = self._browser() if n % 2 else None
            self.people.append(Person(FIRST_CHAT + n, page, self.workers[n % len(self.workers)]))
        for first in range(0, many, 20):
            await asyncio.gather(*(self.asks(person) for person in self.people[first : first + 20]))

    def _browser(self) -> httpx.AsyncClient:
        limits = httpx.Limits(keepalive_expiry=2.0)  # sooner than the server's five seconds: neither closes what the other is about to use
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.rig.port}", timeout=30.0, limits=limits)

    async def asks(self, person: Person) -> None:
        """Ask for a person, say something, and wait until the group has it: then case and topic are known."""
        person.asked += 1
        if person.page is not None:
            await person.page.get("/chat")
            await self._says(person.page, start="fr", lang="fr")
            await self._says(person.page, word="human")
            await self._says(person.page, text=person.words)
        else:
            for words in ("/start", "human", person.words):
                self.rig.double.push(self.rig.double.text(person.id, words))
        topic = await self._found(person)
        person.code, person.topic = self.topics[topic], topic

    async def _says(self, page: httpx.AsyncClient, **form: str) -> None:
        answer = await page.post(
            "/chat/say", data={"id": f"c{next(_clients):08d}", "lang": "fr", **form}, headers={"Accept": "application/json"}
        )
        assert answer.status_code == 200, answer.text

    async def _found(self, person: Person) -> int:
        async with asyncio.timeout(PATIENCE):
            while person.words not in self.said:
                await asyncio.sleep(0.02)
        return self.said[person.words]

    def _saw(self, call: Asked) -> None:
        """Note where somebody's words stand in the group, and for which case a topic was made."""
        self.rig._count(call)
        if call.method == "createForumTopic" and (found := CODE.search(call.parameters["name"])):
            self.topics[int(call.result["message_thread_id"])] = found[0]
        elif call.method == "sendMessage" and int(call.parameters["chat_id"]) == GROUP:
            for words in WORDS.findall(call.parameters["text"]):
                self.said[words] = int(call.parameters["message_thread_id"])

    # ── answers ──
    def mark(self, person: Person, code: str = "", *, never: str = "") -> tuple[int, str]:
        """Give a number and the words that carry it. `never`: why they must not arrive."""
        n = next(self._numbers)
        if never:
            self.never[n] = never
        return n, f"answer-{person.id}-{code or person.code}-{n}"

    async def by_web(self, person: Person, worker: Caseworker, code: str = "", *, never: str = "") -> None:
        """An answer typed in the browser."""
        n, words = self.mark(person, code, never=never)
        said = await worker.does(code or person.code, "answer", text=words)
        if said == "sent":
            self.sent[n] = person
        elif said == "refused":
            self.refused.add(n)

    async def by_topic(self, person: Person, worker: Caseworker, topic: int = 0, *, never: str = "", code: str = "", **more: Any) -> None:
        """An answer written in the group; it is known later whether it was taken. `more`: what else the message has."""
        n, words = self.mark(person, code, never=never)
        update = self.rig.double.in_topic(GROUP, topic or person.topic, words, user=worker.user)
        message = next(value for key, value in update.items() if key != "update_id")
        message |= more
        for name in [name for name, value in more.items() if value is None]:
            del message[name]
        self.messages[message["message_id"]] = n
        if not more and not never:
            self.own.setdefault(person.id, []).append((message["message_id"], worker.user))
        self.rig.double.push(update)
        await self._taken(update)

    async def edited(self, person: Person, *, known: bool) -> None:
        """A message in the topic is edited: the last answer, or one that never was an answer."""
        message, user = self.own.get(person.id, [(0, 0)])[-1] if known else (0, 0)
        if known and not message:
            return
        n, words = self.mark(person, never="" if known else "an edit of nothing")
        update = self.rig.double.in_topic(GROUP, person.topic, words, user=user or person.worker.user, edited=True)
        update["edited_message"]["message_id"] = message or 999_999_000 + n
        self.messages[update["edited_message"]["message_id"]] = n
        self.rig.double.push(update)
        await self._taken(update)

    async def _taken(self, update: dict[str, Any]) -> None:
        async with asyncio.timeout(PATIENCE):
            while any(row.update is update for row in self.rig.double.waiting.rows.values()):
                await asyncio.sleep(0.005)

    # ── lives ──
    async def comes_back(self, person: Person, how: str) -> None:
        """The case ends in one way or another, somebody answers too late, and the person asks again."""
        code, topic = person.code, person.topic
        if how == "erase":
            await self._erases(person)
            person.gone.add(code)
            await self.by_web(person, person.worker, code, never="erased")
            await self.by_topic(person, person.worker, topic, never="the topic of an erased case", code=code)
        else:
            assert await person.worker.does(code, "close", outcome="answered") in ("done", "refused", "slow")
            await asyncio.gather(self.by_web(person, person.worker, code), self.by_topic(person, person.worker, topic, code=code))
        self.own.pop(person.id, None)
        person.worker = self.chance.choice(self.workers)
        await self.asks(person)
        if how == "erase":
            await self.by_web(person, person.worker, code, never="erased")
            await self.by_topic(person, person.worker, topic, never="the topic of an erased case", code=code)
        await self.by_web(person, person.worker)  # now it is theirs

    async def _erases(self, person: Person) -> None:
        if person.page is None:
            self.rig.double.push(self.rig.double.text(person.id, "erase"))
        else:
            person.heard += await self.mailbox(person)
            await self._says(person.page, word="erase")
            person.page.cookies.clear()
        async with asyncio.timeout(PATIENCE):
            while await person.worker.does(person.code, "claim") != "refused":
                await asyncio.sleep(0.02)

    async def passed_on(self, person: Person) -> None:
        """The case goes to a colleague; the one who had it answers once more, too late."""
        old, new = person.worker, self.chance.choice([worker for worker in self.workers if worker is not person.worker])
        if await old.does(person.code, "transfer", to=f"c:{new.name}") == "done":
            person.worker = new
            self.own.pop(person.id, None)
            await self.by_web(person, old, never="passed to a colleague")
            await self.by_topic(person, old, never="passed to a colleague")

    async def loses_topic(self, person: Person) -> None:
        """Somebody deletes the topic; what is answered in the browser makes a new one, and the old one is no case's any more."""
        old = person.topic
        self.rig.double.methods.topics[old] = "deleted"
        self.own.pop(person.id, None)
        await self.by_web(person, person.worker)
        async with asyncio.timeout(PATIENCE):
            while person.topic == old:
                person.topic = max(topic for topic, code in self.topics.items() if code == person.code)
                await asyncio.sleep(0.02)
        await self.by_topic(person, person.worker, old, never="a topic that was deleted")

    # ── what came to whom ──
    async def mailbox(self, person: Person) -> Counter[tuple[int, str, int]]:
        """Give the marks in a person's mailbox, as their page shows it."""
        assert person.page is not None
        answer = await person.page.get("/chat/new", params={"after": "0", "now": "1"})
        letters = answer.json().get("letters", []) if answer.status_code == 200 else []
        return Counter(mark for letter in letters for mark in marks(letter["html"]))

    async def arrived(self) -> list[tuple[Person, tuple[int, str, int]]]:
        """Give every mark with the person it came to, repetitions as often as they came."""
        by_chat = {person.id: person for person in self.people if person.page is None}
        found = [
            (by_chat[int(given["chat_id"])], mark)
            for method, given in self.rig.double.calls
            if method in ("sendMessage", "editMessageText") and int(given["chat_id"]) in by_chat
            for mark in marks(given["text"])
        ]
        for person in self.people:
            if person.page is not None:
                found += [(person, mark) for mark in (person.heard + await self.mailbox(person)).elements()]
        return found

    def told(self) -> set[int]:
        """Give the numbers of the marks whose message in the group was answered with why it was not sent."""
        answered = [int((post.get("reply_parameters") or {}).get("message_id", 0)) for post in self.rig.double.sent(GROUP)]
        return {self.messages[message] for message in answered if message in self.messages}

    async def leave(self) -> None:
        """Close every browser."""
        for browser in (*(worker.desk for worker in self.workers), *(person.page for person in self.people)):
            if browser is not None:
                await browser.aclose()


def marks(text: str) -> Iterator[tuple[int, str, int]]:
    """Give the marks in a text: person, case, number."""
    for person, code, n in MARK.findall(text):
        yield int(person), code, int(n)
