"""Reaching a host by its name: one question to the resolver at a time, and every address it gives, not only the first.

A resolver that hangs keeps one of the loop's few threads busy for each question, half a minute long: asked again at each try, it would keep
all of them, and nothing else could be reached. And packets to one of two addresses may be lost without a word, often those of IPv6.

Rule 1: while a name is being asked for, nobody asks for it again; if the answer is slow, where it led last is good enough.
Rule 2: an address that is silent delays the next one by a moment, not for ever; the one that answered last is tried first.
Rule 3: what is given up leaves nothing behind: a kernel goes on for minutes to send what a closed connection still had to, and it would
arrive after it was done again.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, Final, TypeVar, cast

MOMENT: Final = 0.3
"""Seconds that an address has before the next one is tried beside it."""
SLOW: Final = 1.0
"""Seconds that the resolver has where it is known what it said last."""

_AT_ONCE: Final = struct.pack("ii", 1, 0)

P = TypeVar("P", bound=asyncio.BaseProtocol)
_Made = tuple[asyncio.BaseTransport, P]


def tear(transport: asyncio.BaseTransport) -> None:
    """Give a connection up, with all that its kernel has not sent yet."""
    line = transport.get_extra_info("socket")
    if line is not None and line.family != getattr(socket, "AF_UNIX", None):
        with suppress(OSError, ValueError):  # it is closed already
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    cast("asyncio.Transport", transport).abort()


class Host:
    """One host and port."""

    def __init__(self, name: str, port: int) -> None:
        self._name = name
        self._port = port
        self._known: tuple[str, ...] = (name,) if _is_number(name) else ()
        self._fixed = bool(self._known)
        self._asking: asyncio.Task[tuple[str, ...]] | None = None
        self._since = 0.0

    async def connected(self, made: Callable[[], P], context: ssl.SSLContext | None = None) -> P:
        """Give a protocol that is connected; raises `OSError`. Who waits sets an end to it. `context`: for TLS, by the host's name."""
        places = await self._places()

        def way(place: str) -> "Coroutine[Any, Any, _Made[P]]":
            return self._to(place, made, context)

        if len(places) == 1:
            return (await way(places[0]))[1]
        return await self._first(places, way)

    # ── where ──
    async def _places(self) -> Sequence[str]:
        if self._fixed:
            return self._known
        loop = asyncio.get_running_loop()
        if self._asking is None:
            self._since = loop.time()
            self._asking = loop.create_task(self._ask())
            self._asking.add_done_callback(self._answered)
        try:
            async with asyncio.timeout_at(self._since + SLOW if self._known else None):
                await asyncio.shield(self._asking)
        except (TimeoutError, socket.gaierror) as error:
            if not self._known or (isinstance(error, socket.gaierror) and error.errno != socket.EAI_AGAIN):
                raise
        return self._known

    async def _ask(self) -> tuple[str, ...]:
        found = await asyncio.get_running_loop().getaddrinfo(self._name, self._port, type=socket.SOCK_STREAM)
        return tuple(dict.fromkeys(str(place[0]) for *_, place in found))

    def _answered(self, asked: "asyncio.Task[tuple[str, ...]]") -> None:
        self._asking = None
        if asked.cancelled() or asked.exception() is not None:
            return
        first = self._known[:1]
        self._known = tuple(sorted(asked.result(), key=lambda place: place not in first))

    # ── there ──
    async def _to(self, place: str, made: Callable[[], P], context: ssl.SSLContext | None) -> "_Made[P]":
        name = self._name if context is not None else None
        loop = asyncio.get_running_loop()
        return cast("_Made[P]", await loop.create_connection(made, place, self._port, ssl=context, server_hostname=name))

    async def _first(self, places: Sequence[str], way: "Callable[[str], Coroutine[Any, Any, _Made[P]]]") -> P:
        """Try one after the other, each a moment later than the one before, and give the first that answers."""
        tries: dict[asyncio.Task[_Made[P]], str] = {}
        left, why = list(places), OSError("not reached")
        try:
            while left or tries:
                if left:
                    place = left.pop(0)
                    tries[asyncio.get_running_loop().create_task(way(place))] = place
                done, _ = await asyncio.wait(tries, timeout=MOMENT if left else None, return_when=asyncio.FIRST_COMPLETED)
                for one in done:
                    place = tries.pop(one)
                    if (error := one.exception()) is None:
                        self._known = (place, *(other for other in places if other != place))
                        return one.result()[1]
                    why = error if isinstance(error, OSError) else why
            raise why
        finally:
            for one in tries:
                one.cancel()
                one.add_done_callback(_unwanted)


def _unwanted(made: "asyncio.Task[_Made[P]]") -> None:
    """Close what was connected too late."""
    if not made.cancelled() and made.exception() is None:
        with suppress(Exception):
            tear(made.result()[0])


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
