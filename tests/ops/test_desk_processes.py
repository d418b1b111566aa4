"""The desk over several processes on one Redis: pages here, work there; what happens in one is on every open desk."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot import config
from bot.bootstrap.build import build_house
from tests.cli.test_roles import environment, running
from tests.faults.flows import BUNDLE
from tests.faults.nursery import publish
from tests.faults.rig import free_port
from tests.redis_rig import Server
from tests.signing import sign_in

pytestmark = [pytest.mark.kill, pytest.mark.timeout(120)]
_CODE = re.compile(r"data: ([2-9A-Z]{3}-[2-9A-Z]{3}) waiting")


class Ears:
    """A desk's stream, as far as it was heard."""

    def __init__(self) -> None:
        self.heard = ""
        self.task: asyncio.Task[None] | None = None

    async def listen(self, desk: httpx.AsyncClient, last: str = "") -> None:
        headers = {"Last-Event-ID": last} if last else {}
        async with desk.stream("GET", "/desk/events", headers=headers, timeout=60) as stream:
            assert stream.status_code == 200
            async for text in stream.aiter_text():
                self.heard += text

    def ids(self) -> list[str]:
        return re.findall(r"id: (\S+)", self.heard)


@asynccontextmanager
async def ears(desk: httpx.AsyncClient, last: str = "") -> AsyncIterator[Ears]:
    found = Ears()
    found.task = asyncio.create_task(found.listen(desk, last))
    try:
        await until(lambda: "retry" in found.heard)
        yield found
    finally:
        found.task.cancel()
        await asyncio.gather(found.task, return_exceptions=True)


async def until(holds: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)


async def staffed(env: dict[str, str]) -> list[str]:
    """Put small flows in force and hire two caseworkers; gives their links."""
    settings = config.read(env)
    await publish(settings, BUNDLE)
    house = build_house(settings, guest=True)
    await house.store.open()
    tokens = []
    for id_ in ("amina", "karim"):
        tokens.append(await house.door.link(await house.staff.add(id_, language="fr"), "enter"))
    await house.store.close()
    return tokens


async def says(page: httpx.AsyncClient, n: int, **form: str) -> None:
    answer = await page.post("/chat/say", data={"id": f"a{n:08d}", "lang": "fr", **form}, headers={"Accept": "application/json"})
    assert answer.status_code == 200


async def test_desks_of_several_processes_hear_and_see_the_same(tmp_path: Path) -> None:
    server = Server.start()
    envs = [environment(tmp_path, server, free_port()) for _ in range(3)]
    try:
        tokens = await staffed({k: v for k, v in envs[0].items() if k != "PATH"})
        async with (
            running(envs[0], "--only", "worker"),
            running(envs[1], "--only", "web") as first,
            running(envs[2], "--only", "web") as second,
            httpx.AsyncClient(base_url=first) as amina,
            httpx.AsyncClient(base_url=second) as karim,
            httpx.AsyncClient(base_url=first, timeout=30) as page,
        ):
            for desk, token in zip((amina, karim), tokens, strict=True):
                await sign_in(desk, token)
            async with ears(amina) as here, ears(karim) as there:
                await _a_case_is_seen(page, karim, here, there)
                await _both_see_who_writes(page, (amina, karim), here, there)
            await _nothing_is_missed_after_a_lost_line(page, karim, there)
            await _who_may_have_missed_something_looks(server, karim)
    finally:
        server.end()


async def _a_case_is_seen(page: httpx.AsyncClient, karim: httpx.AsyncClient, here: Ears, there: Ears) -> None:
    await page.get("/chat")
    await says(page, 1, start="fr")
    await says(page, 2, word="human")
    await until(lambda: _CODE.search(here.heard) and _CODE.search(there.heard))
    code = _CODE.search(there.heard)[1]

    assert code in (await karim.get("/desk")).text
    await says(page, 3, text="il fait froid ici")
    await until(lambda: f"{code} waiting words" in here.heard and f"{code} waiting words" in there.heard)
    assert "froid" not in here.heard + there.heard


async def _both_see_who_writes(
    page: httpx.AsyncClient, desks: tuple[httpx.AsyncClient, httpx.AsyncClient], here: Ears, there: Ears
) -> None:
    amina, karim = desks
    code = _CODE.search(here.heard)[1]
    assert (await amina.post(f"/desk/{code}/answer", data={"action": "a1", "text": "Bonjour"})).status_code == 303
    await until(lambda: f"{code} claimed staff" in there.heard)
    letters: list[dict] = []

    async def read() -> None:
        cursor = 0
        while True:
            news = (await page.get("/chat/new", params={"after": cursor})).json()
            letters.append(news)
            cursor = news["cursor"]

    reading = asyncio.create_task(read())
    await until(lambda: any(news["who"] == "human" for news in letters))
    await asyncio.sleep(0.1)
    await amina.post(f"/desk/{code}/writing")
    await karim.post(f"/desk/{code}/writing")
    await until(lambda: "event: writing" in here.heard and "event: writing" in there.heard and any(news["writes"] for news in letters))
    assert here.heard.count(f"event: writing\ndata: {code} Cèdre") == 1
    assert there.heard.count(f"event: writing\ndata: {code} Arganier") == 1

    await page.post("/chat/typing")
    await until(lambda: all(f"event: writing\ndata: {code} \n" in ears.heard for ears in (here, there)))
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def _nothing_is_missed_after_a_lost_line(page: httpx.AsyncClient, karim: httpx.AsyncClient, there: Ears) -> None:
    last = there.ids()[-1]
    code = _CODE.search(there.heard)[1]
    for n in range(20):
        await says(page, 100 + n, text=f"encore {'x' * n}")
    await asyncio.sleep(1.0)
    async with ears(karim, last) as back:
        await until(lambda: back.ids())
        await asyncio.sleep(0.2)

    epoch, _, first = last.partition(".")
    numbers = [int(id_.removeprefix(f"{epoch}.")) for id_ in back.ids()]
    assert "event: look" not in back.heard
    assert numbers == list(range(int(first) + 1, int(first) + 1 + len(numbers)))
    assert back.heard.count(f"data: {code} claimed words") == len(numbers)


async def _who_may_have_missed_something_looks(server: Server, karim: httpx.AsyncClient) -> None:
    """The line between the processes breaks: what was rung meanwhile nobody heard."""
    async with ears(karim) as desk:
        assert server._ask(b"CLIENT KILL TYPE pubsub\r\n").startswith(b":")
        await until(lambda: "event: look" in desk.heard)
