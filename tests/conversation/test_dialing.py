"""Reaching a host: a resolver that hangs, and addresses that are silent, keep nobody from it who could be reached."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.conversation.running import dialing
from bot.conversation.running.dialing import Host, tear

GOOD, SILENT, ABSENT = "127.0.0.1", "192.0.2.1", "192.0.2.2"


class Net:
    """What the resolver says (None: it hangs; an error: it says that), and which addresses were tried."""

    def __init__(self, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.port = port
        self.says: tuple[str, ...] | OSError | None = (GOOD,)
        self.asked = 0
        self.tried: list[str] = []
        self.answer = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._connect = loop.create_connection
        monkeypatch.setattr(loop, "getaddrinfo", self.getaddrinfo)
        monkeypatch.setattr(loop, "create_connection", self.create_connection)

    async def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked += 1
        while self.says is None:
            await self.answer.wait()
        if isinstance(self.says, OSError):
            raise self.says
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port)) for place in self.says]

    async def create_connection(self, made: Any, host: str, port: int, **named: Any) -> Any:
        self.tried.append(host)
        if host == SILENT:
            await asyncio.sleep(60)
        if host == ABSENT:
            raise ConnectionRefusedError
        return await self._connect(made, host, port, **named)


class Held(asyncio.Protocol):
    """A line that is only held."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport


@pytest.fixture
async def net(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Net]:
    monkeypatch.setattr(dialing, "MOMENT", 0.02)
    monkeypatch.setattr(dialing, "SLOW", 0.05)
    door = await asyncio.get_running_loop().create_server(asyncio.Protocol, GOOD, 0)
    yield Net(door.sockets[0].getsockname()[1], monkeypatch)
    door.close()


async def reached(host: Host, seconds: float = 1.0) -> None:
    async with asyncio.timeout(seconds):
        held = await host.connected(Held)
    held.transport.abort()


async def test_a_resolver_that_hangs_is_asked_once_whoever_waits_and_its_late_answer_counts(net: Net) -> None:
    host, net.says = Host("name", net.port), None
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await reached(host, 0.02)
    assert net.asked == 1
    net.says = (GOOD,)
    net.answer.set()
    await reached(host)
    assert net.asked == 1


@pytest.mark.parametrize("says", [None, socket.gaierror(socket.EAI_AGAIN, "again")], ids=["it hangs", "it knows nothing now"])
async def test_where_a_name_led_last_is_good_enough_while_the_resolver_does_not_say(net: Net, says: OSError | None) -> None:
    host = Host("name", net.port)
    await reached(host)
    net.says = says
    for _ in range(3):
        await reached(host)
    assert net.asked == (2 if says is None else 4)
    net.says = (GOOD,)
    net.answer.set()
    await asyncio.sleep(0)


async def test_a_name_that_is_gone_leads_nowhere(net: Net) -> None:
    host = Host("name", net.port)
    await reached(host)
    net.says = socket.gaierror(socket.EAI_NONAME, "unknown")
    with pytest.raises(socket.gaierror):
        await reached(host)


@pytest.mark.parametrize("first", [SILENT, ABSENT])
async def test_an_address_that_does_not_answer_keeps_nobody_from_the_next_and_is_not_tried_first_again(net: Net, first: str) -> None:
    host, net.says = Host("name", net.port), (first, GOOD)
    await reached(host)
    await reached(host)
    assert net.tried == [first, GOOD, GOOD]


async def test_who_answers_nowhere_is_said(net: Net) -> None:
    host, net.says = Host("name", net.port), (ABSENT, SILENT)
    with pytest.raises(TimeoutError):
        await reached(host, 0.1)
    net.says = (ABSENT,)
    with pytest.raises(ConnectionRefusedError):
        await reached(host)


async def test_a_number_is_no_question(net: Net) -> None:
    await reached(Host(GOOD, net.port))
    assert net.asked == 0


async def test_what_is_given_up_arrives_no_more() -> None:
    """Else a kernel would go on to send it, and it would arrive when it was done again long ago."""
    with socket.create_server((GOOD, 0)) as door:
        held = await Host(GOOD, door.getsockname()[1]).connected(Held)
        there, _ = door.accept()
        there.settimeout(2.0)
        held.transport.write(b"x" * 50_000_000)
        tear(held.transport)
        await asyncio.sleep(0.05)
        with there, pytest.raises(ConnectionResetError):
            await asyncio.to_thread(all_of, there)


def all_of(line: socket.socket) -> None:
    """Read until it ends."""
    while line.recv(1 << 20):
        pass
