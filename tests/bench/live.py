"""Measures how soon words are where they should be: a caseworker's at the channel, a person's on an open desk, beside other traffic.

Rule 1: the service is the one an operator starts, in a process of its own; driver and Bot API double share another.
Rule 2: an answer is timed from the first byte of the form to the arrival of the message at the double; a person's words from the first
byte of the webhook's request to the event on the stream of an open desk.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx

from bot import config
from bot.bootstrap.build import build_house
from bot.bootstrap.house import put_in_force
from tests.bench.desk_cases import opened
from tests.bench.e2e import ROOT, SECRET, Load, Service
from tests.bench.fakeapi import serve
from tests.faults.rig import free_port
from tests.signing import sign_in

TALKING = 20
DESKS = 10
"""Desks that are open at the same time."""
EVERY = 0.2
"""Seconds between two answers, and between two messages of people who talk to caseworkers."""
ASKING = ("/start", "fr", "yes", "*human", "worry", "DZ", "yes", "skip")
"""What a person does until their case is open: words, buttons by their key, and a global word."""


class Talker:
    """One person who talks to a caseworker. `code`: their case, once it is known."""

    def __init__(self, chat: int) -> None:
        self.chat = chat
        self.code = ""
        self.buttons: dict[str, str] = {}
        self.message = 0
        self.news = asyncio.Event()

    def got(self, parameters: dict[str, Any], number: int) -> None:
        rows = (parameters.get("reply_markup") or {}).get("inline_keyboard", [])
        for button in (button for row in rows for button in row):
            self.buttons[button["callback_data"].rpartition(".")[2]] = button["callback_data"]
        self.message = number
        self.news.set()


class Live:
    """One run. `answers`, `words`: seconds that each took."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.load = Load(port)
        self.talkers = {chat: Talker(chat) for chat in range(50_000, 50_000 + TALKING)}
        self.answers: list[float] = []
        self.words: list[float] = []
        self.lost = 0
        self.opened: list[str] = []
        self._due: dict[str, asyncio.Future[float]] = {}
        self._hook = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"X-Telegram-Bot-Api-Secret-Token": SECRET}, timeout=20)
        self._update = 10_000_000

    # ── what comes back ──
    def sent(self, chat: int, parameters: dict[str, Any], number: int) -> None:
        """A message arrived at the double."""
        talker = self.talkers.get(chat)
        if talker is None:
            self.load.sent(chat, parameters, number)
            return
        self._came(parameters["text"])
        talker.got(parameters, number)

    def _came(self, what: str) -> None:
        due = self._due.pop(what, None)
        if due is not None and not due.done():
            due.set_result(perf_counter())

    async def hears(self, desk: httpx.AsyncClient, *, counts: bool) -> None:
        """Listen as an open desk does; one of them is timed."""
        async with desk.stream("GET", "/desk/events", timeout=None) as stream:
            async for line in stream.aiter_lines():
                if counts and line.startswith("data: ") and line.endswith(" words"):
                    self._came(line.split()[1])
                elif counts and line.startswith("data: ") and line.endswith(" new"):
                    self.opened.append(line.split()[1])

    # ── what is done ──
    async def post(self, **update: Any) -> None:
        """Bring one update to the webhook."""
        self._update += 1
        answer = await self._hook.post("/telegram", json={"update_id": self._update, **update})
        assert answer.status_code == 200, answer.status_code

    async def says(self, talker: Talker, text: str) -> None:
        """Write."""
        chat, sender = {"id": talker.chat, "type": "private"}, {"id": talker.chat, "is_bot": False, "first_name": "N"}
        await self.post(message={"message_id": self._update + 1, "date": 1, "chat": chat, "from": sender, "text": text})

    async def asks(self, talker: Talker) -> None:
        """Go through the conversation until a case is open."""
        for step in ASKING:
            talker.news.clear()
            key = step.removeprefix("*")
            if key in talker.buttons or step.startswith("*"):
                held = {"message_id": talker.message, "date": 1, "chat": {"id": talker.chat, "type": "private"}}
                data, sender = talker.buttons.get(key, f"*.{key}"), {"id": talker.chat, "is_bot": False, "first_name": "N"}
                talker.buttons.clear()
                await self.post(callback_query={"id": str(self._update), "from": sender, "message": held, "data": data})
            else:
                await self.says(talker, step)
            with suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await talker.news.wait()
            await asyncio.sleep(0.3)  # what else is said to it

    async def timed(self, what: str, act: Any, into: list[float]) -> None:
        """Do something, and keep how long it took until `what` came."""
        due = self._due[what] = asyncio.get_running_loop().create_future()
        begin = perf_counter()
        await act
        try:
            async with asyncio.timeout(10):
                into.append(await due - begin)
        except TimeoutError:
            self.lost += 1

    async def talk(self, desk: httpx.AsyncClient, seconds: float) -> None:
        """Let answers and words go, each at its own pace, over all cases."""
        begin, n = perf_counter(), 0
        talkers = list(self.talkers.values())
        async with asyncio.TaskGroup() as group:
            while (at := n * EVERY) < seconds:
                await asyncio.sleep(max(0.0, begin + at - perf_counter()))
                one, other = talkers[n % TALKING], talkers[(n + TALKING // 2) % TALKING]
                form = {"action": f"bench{n:06d}", "text": f"Réponse {n}"}
                group.create_task(self.timed(form["text"], desk.post(f"/desk/{one.code}/answer", data=form), self.answers))
                await asyncio.sleep(EVERY / 2)
                group.create_task(self.timed(other.code, self.says(other, f"et {n} ?"), self.words))
                n += 1

    async def close(self) -> None:
        """End what was opened here."""
        await self._hook.aclose()
        await self.load.close()


async def prepared(folder: Path, cases: int) -> str:
    """Put the flows in force, open so many cases, hire a caseworker; gives their link."""
    settings = config.read({"AMANA_STORE": f"sqlite:///{folder}/data/amana.db", "AMANA_KEYS": f"{folder}/keys", "AMANA_FLOWS": str(ROOT)})
    house = build_house(settings)
    await house.store.open()
    try:
        await put_in_force(house)
        await opened(house, cases)
        return await house.door.link(await house.staff.add("amina", language="fr", capacity=0), "enter")
    finally:
        await house.store.close()


async def live(*, seconds: float, rate: float, cases: int) -> dict[str, Sequence[float]]:
    """Give seconds of each answer and of each message of a person, beside so many updates a second and with so many open cases."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        token = await prepared(folder, cases)
        run = Live(port)
        server, api = await serve(run.sent)
        service = await Service.start(folder, api, port)
        listening: list[asyncio.Task[None]] = []
        try:
            await service.ready(port)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as desk:
                await sign_in(desk, token)
                for n in range(DESKS):
                    listening.append(asyncio.create_task(run.hears(desk, counts=n == 0)))
                await _cases_of(run, desk)
                for person in run.load.persons.values():
                    run.load.free.put_nowait(person)
                await asyncio.gather(run.load.paced(rate, seconds + 2), _after(1.0, run.talk(desk, seconds)))
        finally:
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)
            await run.close()
            await service.stop()
            await server.close()
    return {"answers": run.answers, "words": run.words, "lost": [float(run.lost)], "load": run.load.delays}


async def _cases_of(run: Live, desk: httpx.AsyncClient) -> None:
    """Let everyone ask and say who they are; which case is whose is read in the browser."""
    await asyncio.gather(*(run.asks(talker) for talker in run.talkers.values()))
    for talker in run.talkers.values():
        await run.says(talker, f"ici {talker.chat}.")
    async with asyncio.timeout(30):
        while len(run.opened) < TALKING:
            await asyncio.sleep(0.05)
    for n, code in enumerate(run.opened):
        await desk.post(f"/desk/{code}/claim", data={"action": f"claim{n:04d}"})
        page = (await desk.get(f"/desk/{code}")).text
        next(talker for talker in run.talkers.values() if f"ici {talker.chat}." in page).code = code


async def _after(seconds: float, work: Any) -> None:
    await asyncio.sleep(seconds)
    await work


def said(found: dict[str, Sequence[float]]) -> str:
    """Give the figures in one line."""
    rows = []
    for name, what in (
        ("answers", "an answer at the channel"),
        ("words", "a person's words on an open desk"),
        ("load", "replies to the other traffic"),
    ):
        with suppress(statistics.StatisticsError):
            cuts = statistics.quantiles(found[name], n=100)
            rows.append(f"{what}: p50 / p95 / p99 {' / '.join(f'{cuts[n] * 1000:.0f}' for n in (49, 94, 98))} ms of {len(found[name])}")
    return "; ".join([*rows, f"lost {found['lost'][0]:.0f}"])
