"""A clerk: one thread with one connection that does what is asked in order, many writes under one fsync.

Rule 1: writes that wait together share one transaction, and one that refuses takes no other with it: then the transaction is begun
again, and each is done in a savepoint of its own. So a write changes nothing but the connection, and may be done twice.
Rule 2: nobody hears of a write before the shared COMMIT is on disk; if that fails, all hear `StoreUnavailable` and nothing was done.
Rule 3: after a failure of the disk the connection is opened anew; nothing has to be restarted.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from bot.conversation.running.crashpoint import crashpoint
from bot.ports import StoreUnavailable
from bot.storage.sqlite.log import Mover
from bot.storage.sqlite.traces import Traces

T = TypeVar("T")
MOST_TOGETHER: Final = 512
_BUGS: Final = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.DataError, sqlite3.NotSupportedError)


@dataclass(slots=True)
class Order(Generic[T]):
    """Something to do with the connection. `alone`: after the shared transaction, outside of it. `landed`: called in the clerk's
    thread once it is on disk. `orphaned`: called with the result if nobody waits for it any more.
    """

    work: Callable[[sqlite3.Connection], T]
    future: asyncio.Future[T]
    alone: bool = False
    landed: Callable[[T], None] | None = None
    orphaned: Callable[[T], None] | None = None


@dataclass(slots=True)
class _Done:
    order: Order[Any]
    result: Any = None
    error: BaseException | None = None


class Clerk:
    """One thread, one connection. `connect` opens it, and opens it again after a failure. `traces`: what it removes between writes;
    `log`: where it writes to.
    """

    def __init__(
        self, name: str, connect: Callable[[], sqlite3.Connection], *, traces: Traces | None = None, log: Mover | None = None
    ) -> None:
        self._connect = connect
        self._traces = traces
        self._log = log
        self._orders: queue.SimpleQueue[Order[Any] | None] = queue.SimpleQueue()
        self._name = name
        self._thread: threading.Thread | None = None
        self._con: sqlite3.Connection | None = None
        self._open = False
        self._refused = "The store is closed."

    def start(self) -> None:
        """Begin to work."""
        self._open, self._refused = True, "The store is closed."
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def refuse(self, why: str) -> None:
        """Do nothing any more but end; who asks hears why. Any thread may say so."""
        self._refused = why
        self._open = False

    async def stop(self) -> None:
        """Do what was asked so far, then close the connection and end."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._open = False
            self._orders.put(None)
            await asyncio.to_thread(thread.join)

    def ask(
        self,
        work: Callable[[sqlite3.Connection], T],
        *,
        alone: bool = False,
        landed: Callable[[T], None] | None = None,
        orphaned: Callable[[T], None] | None = None,
    ) -> asyncio.Future[T]:
        """Have this done; the future ends when it is on disk, or with what went wrong."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if not self._open:
            future.set_exception(StoreUnavailable(self._refused))
        else:
            self._orders.put(Order(work, future, alone, landed, orphaned))
        return future

    # ── the thread ──
    def _run(self) -> None:
        going = True
        while going:
            orders = self._waiting()
            going = None not in orders
            asked = [order for order in orders if order is not None]
            together = [order for order in asked if not order.alone]
            if together:
                self._tell(self._together(together))
            # What nobody waits for any more is not even begun: nothing is handed out to no one.
            self._tell([self._by_itself(order) for order in asked if order.alone and not order.future.cancelled()])
            self._tidy(ending=not going)
        self._part()

    def _waiting(self) -> list[Order[Any] | None]:
        """Everything that waits now, at least one order unless it is time to remove traces."""
        orders: list[Order[Any] | None] = []
        with suppress(queue.Empty):
            orders.append(self._orders.get(timeout=self._traces.wait() if self._traces else None))
            while len(orders) < MOST_TOGETHER:
                orders.append(self._orders.get_nowait())
        return orders

    def _together(self, orders: list[Order[Any]]) -> list[_Done]:
        try:
            con = self._connection()
            con.execute("BEGIN IMMEDIATE")
            done = self._all_or_none(con, orders)
            if done is None:
                con.execute("BEGIN IMMEDIATE")
                done = [self._in_savepoint(con, order) for order in orders]
            crashpoint("storage.before_commit")
            con.execute("COMMIT")
            crashpoint("storage.after_commit")
            if self._log is not None:
                self._log.wrote(len(orders))
        except sqlite3.Error as error:
            self._part()
            return [_Done(order, error=_down(error)) for order in orders]
        return [self._land(one) for one in done]

    def _all_or_none(self, con: sqlite3.Connection, orders: list[Order[Any]]) -> list[_Done] | None:
        """Do all without savepoints, which cost as much as a small write; if one refuses, nothing is done."""
        try:
            return [_Done(order, order.work(con)) for order in orders]
        except Exception as error:
            if isinstance(error, sqlite3.Error) and not isinstance(error, _BUGS):
                raise
            con.execute("ROLLBACK")
            return None

    def _in_savepoint(self, con: sqlite3.Connection, order: Order[Any]) -> _Done:
        con.execute("SAVEPOINT one")
        try:
            done = _Done(order, order.work(con))
        except Exception as error:
            if isinstance(error, sqlite3.Error) and not isinstance(error, _BUGS):
                raise
            con.execute("ROLLBACK TO one")
            done = _Done(order, error=error)
        con.execute("RELEASE one")
        return done

    def _by_itself(self, order: Order[Any]) -> _Done:
        try:
            return self._land(_Done(order, order.work(self._connection())))
        except sqlite3.Error as error:
            self._part()
            return _Done(order, error=_down(error))
        except Exception as error:  # noqa: BLE001 whoever asked gets it, whatever it is; the thread goes on
            return _Done(order, error=error)

    def _land(self, done: _Done) -> _Done:
        if done.error is None and done.order.landed is not None:
            try:
                done.order.landed(done.result)
            except Exception as error:  # noqa: BLE001 a bug of ours reaches whoever asked; the thread goes on
                done.error = error
        return done

    def _connection(self) -> sqlite3.Connection:
        if self._con is None:
            self._con = self._connect()
        return self._con

    def _part(self) -> None:
        con, self._con = self._con, None
        if con is not None:
            with suppress(sqlite3.Error):
                con.rollback()
            with suppress(sqlite3.Error):
                con.close()

    def _tidy(self, *, ending: bool) -> None:
        """What is to do once everyone has heard."""
        try:
            if self._log is not None and self._con is not None:
                self._log.finish(self._con)
            if self._traces is not None and self._traces.wait() is not None:
                self._traces.remove(self._connection(), ending=ending)
        except sqlite3.Error:
            self._part()

    def _tell(self, done: Iterable[_Done]) -> None:
        loops: dict[asyncio.AbstractEventLoop, list[_Done]] = {}
        for one in done:
            loops.setdefault(one.order.future.get_loop(), []).append(one)
        for loop, ones in loops.items():
            with suppress(RuntimeError):  # that loop is closed: nobody waits there
                loop.call_soon_threadsafe(_deliver, ones)


def _down(error: sqlite3.Error) -> StoreUnavailable:
    # SQLite's own words name files and tables, never a value.
    down = StoreUnavailable(str(error))
    down.__cause__ = error
    return down


def _deliver(done: list[_Done]) -> None:
    for one in done:
        future = one.order.future
        if future.done():
            if one.error is None and one.order.orphaned is not None:
                one.order.orphaned(one.result)
        elif one.error is not None:
            future.set_exception(one.error)
        else:
            future.set_result(one.result)
