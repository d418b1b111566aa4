"""A cable between a service and a server, which can be cut and mended: what is on its way when it is cut arrives when it is mended.

Rule 1: a cut is silence, as between two networks: no connection is closed by it, and a new one is taken and not answered.
Rule 2: what was sent before or during the cut is delivered after it, even if its sender has given up by then: the worst that can be.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Cable:
    """Carries bytes from a port of this machine to a server's socket or port."""

    def __init__(self, *, path: str = "", port: int = 0) -> None:
        self._path, self._to = path, port
        self._whole = asyncio.Event()
        self._whole.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    def cut(self) -> None:
        """Let nothing pass any more."""
        self._whole.clear()

    def mend(self) -> None:
        """Let everything pass, what waited first."""
        self._whole.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until one of its ends closes."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        writers = [writer]
        try:
            await self._whole.wait()
            there, back = await self._reach()
            writers.append(back)
            forth, home = asyncio.Queue[bytes](), asyncio.Queue[bytes]()
            async with asyncio.TaskGroup() as both:
                both.create_task(_hear(reader, forth))
                both.create_task(self._tell(forth, back))
                both.create_task(_hear(there, home))
                both.create_task(self._tell(home, writer))
        except (OSError, asyncio.CancelledError):
            pass  # there is no server behind it, or the test is over
        finally:
            for one in writers:
                one.transport.abort()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._path:
            return await asyncio.open_unix_connection(self._path)
        return await asyncio.open_connection("127.0.0.1", self._to)

    async def _tell(self, heard: asyncio.Queue[bytes], writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while some := await heard.get():
                await self._whole.wait()
                writer.write(some)
                await writer.drain()
        await self._whole.wait()
        writer.close()

    async def end(self) -> None:
        """Close every connection."""
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


async def _hear(reader: asyncio.StreamReader, heard: asyncio.Queue[bytes]) -> None:
    """Take what comes, also while nothing passes; nothing is the end."""
    with suppress(OSError):
        while some := await reader.read(65_536):
            heard.put_nowait(some)
    heard.put_nowait(b"")


@asynccontextmanager
async def cabled(*, path: str = "", port: int = 0, near: socket.socket | None = None) -> AsyncIterator[Cable]:
    """A cable to a socket file or a port. `near`: where it begins, if not at a free port of this machine."""
    cable = Cable(path=path, port=port)
    door = await (asyncio.start_server(cable.carry, sock=near) if near else asyncio.start_server(cable.carry, "127.0.0.1", 0))
    cable.port = door.sockets[0].getsockname()[1]
    try:
        yield cable
    finally:
        door.close()
        await cable.end()
