"""Work for the bench in tests."""

import ctypes
import os
import re
import signal
import time
from pathlib import Path

from msgspec import Struct

from bot.flow.bundle import Bundle
from bot.studio.drafts.parts import NotAllowed


def add(one: int, two: int) -> int:
    return one + two


def sleep(seconds: float, word: str = "") -> str:
    time.sleep(seconds)
    return word


def hold() -> None:
    """Work that lets nothing else of its process have a turn: a pattern that tries every way."""
    re.match("(a+)+$", "a" * 60 + "b")


def who() -> tuple[int, tuple[str, ...]]:
    return os.getpid(), tuple(sorted(os.environ))


def niceness() -> int:
    return os.nice(0)


def size(bundle: Bundle) -> tuple[str, int]:
    return bundle.revision, sum(len(text) for text in bundle.values())


def both(one: Bundle, two: Bundle) -> tuple[str, str]:
    return one.revision, two.revision


def refuse(reason: str) -> None:
    raise NotAllowed(reason)


def eat(megabytes: int) -> int:
    return len(bytearray(megabytes * 1024 * 1024))


_kept: list[bytes] = []


def keep(megabytes: int) -> int:
    _kept.append(os.urandom(1024) * 1024 * megabytes)
    return megabytes


def fall() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def crash() -> None:
    ctypes.string_at(0)


class Own(Struct, frozen=True):
    n: int


def own() -> Own:
    return Own(1)


def write(path: str) -> None:
    with Path(path).open("w", encoding="utf-8") as file:
        file.write("x" * 10_000)
        file.flush()
