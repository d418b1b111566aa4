"""Wires to one master: a server that is named, or the one that the sentinels name.

Rule 1: of several sentinels that one is believed which has heard of the latest election; a single one is enough.
Rule 2: a sentinel that is not reached changes nothing while the master is, unless replicas must confirm.
Rule 3: what replicas confirmed counts only if afterwards a majority of the sentinels calls this master well, and none replaces it: one
that is being replaced may still have a replica that confirms, while the other one takes over without the write.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.ports import StoreUnavailable
from bot.storage.redis.keeping import Dialer, Find, Kept, Place, answers_of, surveyed
from bot.storage.redis.lines import Line
from bot.storage.redis.wire import Address, Script, ScriptFailed, Surveyed, Word

ANSWERS: Final = 0.7
"""Seconds that a sentinel has to answer."""
_UNWELL: Final = frozenset((b"s_down", b"o_down", b"disconnected"))
"""What a sentinel says of a master that may be replaced any moment."""
_REPLACING: Final = frozenset((b"failover_in_progress", b"force_failover"))
"""What the one says that is about it: an operator's order need not be known to the others."""


class SingleWire:
    """A wire to one master, which has every tag. `find`: where it is, if not always at `address`."""

    single = True

    def __init__(
        self, address: Address, *, context: ssl.SSLContext | None = None, replicas: int = 0, disk: bool = True, find: Find | None = None,
        agreed: Callable[[Place], Awaitable[bool]] | None = None,
    ) -> None:  # fmt: skip
        self.replicas = replicas
        self.moved: Callable[[], None] | None = None
        self._dialer = Dialer(context, replicas, disk=disk)
        self._place = Place(address)
        self._kept = Kept(self._dialer, find or self._here, changed=self._changed, looks=find is not None, agreed=agreed)

    async def _here(self) -> Place:
        return self._place

    def _changed(self) -> None:
        if self.moved is not None:
            self.moved()

    async def open(self, scripts: Sequence[Script]) -> None:
        """Connect and load the scripts; raises `StoreUnavailable`."""
        try:
            await self._kept.open(scripts)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the connection."""
        await self._kept.close()

    def script(self, script: Script, tag: str, *args: Word) -> "asyncio.Future[Any]":
        """Run a script; its only key is `{tag}`."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._kept.run(script, future, (1, f"{{{tag}}}", *args))
        return future

    def command(self, tag: str, *words: Word) -> "asyncio.Future[Any]":  # noqa: ARG002 one server has every tag
        """Run one command."""
        return self._kept.ask(*words)

    def home(self, tag: str) -> str:  # noqa: ARG002
        """Name the server, and its life."""
        return self._kept.home

    def where(self, tag: str) -> Address | None:  # noqa: ARG002
        """Give the master."""
        return self._kept.place.address if self._kept.place is not None else None

    async def survey(self) -> list[Surveyed]:
        """Ask the master and its replicas; raises `StoreUnavailable`."""
        return await surveyed(self._dialer, self._kept)


@dataclass(frozen=True, slots=True)
class _Named:
    term: int
    host: str
    port: int
    well: bool
    replaces: tuple[str, int] | None  # the master that this sentinel is replacing, until all of its replicas follow the new one

    def is_at(self, place: Place) -> bool:
        """Whether this is that place, in the same term."""
        return (self.host, self.port, str(self.term)) == (place.address.host, place.address.port, place.term)


class Sentinels:
    """Knows who is master. `master`: how the sentinels call it; `data`: what a server's address has beside host and port."""

    def __init__(self, sentinels: Sequence[Address], master: str, data: Address, *, context: ssl.SSLContext | None = None) -> None:
        self._addresses = sentinels
        self._master = master
        self._data = data
        self._dialer = Dialer(context)
        self._lines: dict[Address, Line] = {}
        self._away: set[Address] = set()

    async def find(self) -> Place:
        """Give the master; raises `StoreUnavailable`."""
        answers = await asyncio.gather(*(self._ask(address) for address in self._addresses), return_exceptions=True)
        named = [one for one in answers if isinstance(one, _Named)]
        if not named:
            said = {str(one) for one in answers if isinstance(one, StoreUnavailable)}
            raise StoreUnavailable(said.pop() if len(said) == 1 else "No sentinel answers.")
        newest = max(named, key=lambda one: one.term)
        return Place(replace(self._data, host=newest.host, port=newest.port), str(newest.term))

    async def agreed(self, place: Place) -> bool:
        """Whether a majority names this place and finds it well, and none replaces this one. Who did not answer last is not waited for."""
        asked = [self._ask(address) for address in self._addresses if address not in self._away]
        named = [one for one in await asyncio.gather(*asked, return_exceptions=True) if isinstance(one, _Named)]
        here = place.address.host, place.address.port
        agreeing = sum(one.well and one.is_at(place) for one in named)
        return agreeing > len(self._addresses) // 2 and not any(one.replaces == here or one.term > int(place.term) for one in named)

    def close(self) -> None:
        """Close the lines to the sentinels."""
        for line in self._lines.values():
            line.drop()
        self._lines.clear()

    async def _ask(self, address: Address) -> _Named:
        try:
            async with asyncio.timeout(ANSWERS):
                named = await self._named(await self._line(address))
        except (TimeoutError, StoreUnavailable):
            self._away.add(address)
            if address in self._lines:
                self._lines.pop(address).drop()
            raise StoreUnavailable("No sentinel answers.") from None
        except ScriptFailed:
            raise StoreUnavailable(f"The sentinels know no master called {self._master}.") from None
        self._away.discard(address)
        return named

    async def _line(self, address: Address) -> Line:
        line = self._lines.get(address)
        if line is not None and not line.lost.is_set():
            return line
        line = await self._dialer.plain(address)
        known = self._lines.get(address)
        if known is not None and not known.lost.is_set():  # another question was faster
            line.drop()
            return known
        self._lines[address] = line
        if address.password:
            with suppress(StoreUnavailable, ScriptFailed):  # many sentinels have no password where the servers have one
                await line.ask("AUTH", *((address.user,) if address.user else ()), address.password)
        return line

    async def _named(self, line: Line) -> _Named:
        where, told = line.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._master), line.ask("SENTINEL", "MASTER", self._master)
        address, told = await answers_of([where, told])
        if address is None:
            raise ScriptFailed("no such master")
        host, port = address
        fields = dict(zip(told[::2], told[1::2], strict=False))
        flags = set(fields.get(b"flags", b"").split(b","))
        held = fields.get(b"ip", host).decode(), int(fields.get(b"port", port))
        replaces = held if flags & _REPLACING else None
        return _Named(int(fields.get(b"config-epoch", 0)), host.decode(), int(port), well=not flags & _UNWELL, replaces=replaces)


class SentinelWire(SingleWire):
    """A wire to the master that sentinels name: asked again when the line is lost, and each second."""

    def __init__(
        self, sentinels: Sequence[Address], master: str, data: Address, *, context: ssl.SSLContext | None = None, replicas: int = 0,
        disk: bool = True,
    ) -> None:  # fmt: skip
        self._sentinels = Sentinels(sentinels, master, data, context=context)
        super().__init__(data, context=context, replicas=replicas, disk=disk, find=self._sentinels.find, agreed=self._sentinels.agreed)

    async def close(self) -> None:
        """Close all connections."""
        await super().close()
        self._sentinels.close()
