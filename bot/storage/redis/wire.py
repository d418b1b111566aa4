"""The way to the servers, as the store sees it: scripts and commands go in by tag, answers come out, wherever the servers are.

Rule 1: nothing is asked twice here: whoever asks knows what may be repeated.
Rule 2: before the first question goes to another server than before (or to one that began a new life), `moved` is called, and nothing
that was asked before that call reaches the new server: what one server promised, another may not know.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

from bot.ports import StoreUnavailable

Word: TypeAlias = bytes | str | int
WRITES: Final = frozenset(("SET", "DEL", "HDEL", "HSET", "SADD", "SREM", "ZREMRANGEBYSCORE"))
"""Commands that change something. Scripts always count as such."""


class ScriptFailed(Exception):
    """The server refused a command as wrong: a mistake of ours."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script that the server runs whole. `sha` names it there."""

    name: str
    text: str
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        # SHA-1 is the name that Redis gives a script; nothing is kept secret by it.
        object.__setattr__(self, "sha", hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest())


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is. `path`: a socket file, else host and port."""

    host: str = "127.0.0.1"
    port: int = 6379
    path: str = ""
    db: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False

    @property
    def name(self) -> str:
        """Say where it is, without its password."""
        return self.path or f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What a server said of itself. `info`: empty when it was not reached; `settings`: only those that it tells."""

    name: str
    master: bool
    info: dict[str, str]
    settings: dict[str, str]


class Wire(Protocol):
    """What the store asks through. `single`: one server has all shards, so that one script may touch many.

    `replicas`: how many of them have each write before its answer is given. `moved`: see rule 2.
    """

    single: bool
    replicas: int
    moved: Callable[[], None] | None

    async def open(self, scripts: Sequence[Script]) -> None:
        """Connect and load the scripts; raises `StoreUnavailable`."""

    async def close(self) -> None:
        """Close the connections; who still waits hears `StoreUnavailable`."""

    def script(self, script: Script, tag: str, *args: Word) -> "asyncio.Future[Any]":
        """Run a script where the keys of this tag are; its first key is `{tag}`."""

    def command(self, tag: str, *words: Word) -> "asyncio.Future[Any]":
        """Run one command where the keys of this tag are."""

    def home(self, tag: str) -> str:
        """Name the server that has this tag, and its life: another name means that what was known of it counts no more."""

    def where(self, tag: str) -> Address | None:
        """Give the server that has this tag, None while that is not known."""

    async def survey(self) -> list[Surveyed]:
        """Ask every server, replicas too, what it promises; raises `StoreUnavailable`."""


def refuse(future: "asyncio.Future[Any]", why: str = "Redis is not reached.") -> None:
    """Tell whoever waits that there will be no answer."""
    if not future.done():
        future.set_exception(StoreUnavailable(why))
        future.exception()  # whoever dropped the question shall not be told that nobody heard the answer


def unheard(done: "asyncio.Future[Any]") -> None:
    """Let nobody be told that the error of an answer was not heard: whoever asked did not wait for it."""
    if not done.cancelled():
        done.exception()
