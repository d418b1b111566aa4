"""Whether sentinels agree, and whom of them is believed: played by servers that say what a test wants."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

import hiredis
import pytest

from bot.ports import StoreUnavailable
from bot.storage.redis.keeping import Place
from bot.storage.redis.sentinel import Sentinels
from bot.storage.redis.wire import Address


@dataclass
class Sentinel:
    """One that says this of the master. `mute`: it takes questions and does not answer."""

    port: int = 6379
    term: int = 3
    flags: str = "master"
    mute: bool = False
    entry: int = 0  # whom its entry is about, where that is another than the one it names: the one it is replacing
    asked: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        words = hiredis.Reader()
        while data := await reader.read(65536):
            words.feed(data)
            while (question := words.gets()) is not False:
                self.asked += 1
                if not self.mute:
                    writer.write(self._answer(question[1]))
        writer.close()

    def _answer(self, what: bytes) -> bytes:
        if what == b"MASTER":
            return _array(
                "name", "it", "ip", "127.0.0.1", "port", str(self.entry or self.port), "flags", self.flags, "config-epoch", str(self.term)
            )
        return _array("127.0.0.1", str(self.port))


def _array(*words: str) -> bytes:
    return f"*{len(words)}\r\n".encode() + b"".join(f"${len(word)}\r\n{word}\r\n".encode() for word in words)


@asynccontextmanager
async def asked(*players: Sentinel | None) -> AsyncIterator[Sentinels]:
    """Sentinels who are played; None: nobody is there."""
    servers = [await asyncio.start_server(player.serve, "127.0.0.1", 0) if player else None for player in players]
    addresses = [Address(port=server.sockets[0].getsockname()[1] if server else 1) for server in servers]
    sentinels = Sentinels(addresses, "it", Address(db=2))
    yield sentinels
    sentinels.close()
    await asyncio.sleep(0.01)
    for server in servers:
        if server is not None:
            server.close()


HERE = Place(Address(db=2), "3")


@pytest.mark.parametrize(
    ("players", "agreed"),
    [
        ((Sentinel(), Sentinel(), Sentinel()), True),
        ((Sentinel(), Sentinel(), None), True),
        ((Sentinel(), None, None), False),
        ((None, None, None), False),
        ((Sentinel(), Sentinel(), Sentinel(flags="s_down,master")), True),  # one that sees it badly is alone with that
        ((Sentinel(), Sentinel(flags="s_down,master"), Sentinel(flags="s_down,o_down,master")), False),
        ((Sentinel(), Sentinel(), Sentinel(flags="master,failover_in_progress")), False),  # one is enough that is about it
        ((Sentinel(), Sentinel(), Sentinel(flags="s_down,o_down,master,failover_in_progress", entry=7000)), True),  # the former one
        ((Sentinel(), Sentinel(), Sentinel(port=7000, term=4)), False),  # one is enough that knows more
        ((Sentinel(), Sentinel(port=7000, term=2), Sentinel()), True),  # one that has not heard yet
        ((Sentinel(port=7000), Sentinel(port=7000), Sentinel()), False),
    ],
)
async def test_a_confirmation_counts_while_a_majority_names_this_master_and_none_replaces_it(
    players: tuple[Sentinel | None, ...], agreed: bool
) -> None:
    async with asked(*players) as sentinels:
        assert await sentinels.agreed(HERE) is agreed


async def test_the_latest_election_is_believed() -> None:
    async with asked(Sentinel(), Sentinel(port=7000, term=5), Sentinel()) as sentinels:
        assert await sentinels.find() == Place(Address(port=7000, db=2), "5")


async def test_one_that_does_not_answer_is_waited_for_once_and_heard_again_when_it_is_back() -> None:
    mute = Sentinel(mute=True)
    async with asked(Sentinel(), Sentinel(), mute) as sentinels:
        assert await sentinels.agreed(HERE)
        begun = monotonic()
        for _ in range(20):
            assert await sentinels.agreed(HERE)
        assert monotonic() - begun < 0.5
        mute.mute, mute.flags = False, "master,failover_in_progress"
        assert await sentinels.find() == HERE
        assert not await sentinels.agreed(HERE)


async def test_when_none_is_there_it_is_said() -> None:
    async with asked(None, None) as sentinels:
        with pytest.raises(StoreUnavailable, match="No sentinel answers"):
            await sentinels.find()
