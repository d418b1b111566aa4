"""A nursery: imports and compiles once, then forks a whole service whenever it is asked, and says how each one ended.

Rule 1: it has no thread and no loop of its own, so that a child is as a process that was started afresh.
Rule 2: orders come as JSON lines on standard input, reports leave as JSON lines on standard output; told to `clear`, and at the end of
input, it ends its children.
"""

import json
import os
import select
import signal
import sys
import time
import traceback
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import uvloop  # noqa: F401 a child shall find everything loaded

from bot import config
from bot.bootstrap import system, telegram
from bot.bootstrap.build import build_house
from bot.bootstrap.flows import compiled
from bot.bootstrap.unlock import opened
from bot.cli.server import serve
from bot.conversation.keeping import masters, rewrapping
from bot.conversation.running import crashpoint, keeper
from bot.flow.bundle import Bundle
from bot.storage.redis import signals, store, topology  # noqa: F401
from tests.faults.flows import BUNDLE

CLOCK_HOLD = 4.0
"""Seconds that a clock must have held after a jump, ten minutes in life."""


def main() -> None:
    """Serve orders until the input ends."""
    compiled(BUNDLE)
    ears, mouth = os.pipe()
    os.set_blocking(mouth, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(mouth)
    children: set[int] = set()
    _report(ready=True)
    while True:
        heard, _, _ = select.select([sys.stdin, ears], [], [])
        if ears in heard:
            os.read(ears, 4096)
            _bury(children)
        if sys.stdin in heard:
            line = sys.stdin.buffer.raw.readline()  # type: ignore[attr-defined]
            if not line:
                break
            order = json.loads(line)
            if order["do"] == "clear":
                _clear(children)
                continue
            pid = _fork(order)
            children.add(pid)
            _report(born=pid, name=order["name"])
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _clear(children: set[int]) -> None:
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    for pid in tuple(children):
        _, status = os.waitpid(pid, 0)
        children.discard(pid)
        _report(dead=pid, status=os.waitstatus_to_exitcode(status))
    _report(cleared=True)


def _bury(children: set[int]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        children.discard(pid)
        _report(dead=pid, status=os.waitstatus_to_exitcode(status))


def _report(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if not pid:
        _live(order)
    return pid


def _live(order: dict[str, Any]) -> NoReturn:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(old, new)
    code = 1
    try:
        crashpoint.arm(order["crash"])
        if "endless" in order:
            make_endless(order["endless"])
        if "lease" in order:
            hold_for(order["lease"])
        if "handful" in order:
            wrap_by(order["handful"])
        if "clock" in order:
            set_clock(order["clock"])
        settings = config.read(order["env"])
        if order["do"] == "publish":
            import asyncio

            asyncio.run(publish(settings, Bundle({**BUNDLE, **order["files"]})))
        else:
            serve(settings)
        code = 0
    except BaseException as error:
        code = getattr(error, "exit_code", 1)
        if not code or not hasattr(error, "exit_code"):
            traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def make_endless(word: str) -> None:
    """Let a turn that answers this word never end, as a bug of ours might."""
    from bot.conversation.turning import deeds

    real = deeds.step

    def step(program: Any, session: Any, event: Any, *more: Any, **named: Any) -> Any:
        while getattr(event, "text", "") == word:
            pass
        return real(program, session, event, *more, **named)

    deeds.step = step


def hold_for(seconds: float) -> None:
    """Let shards, and the poll, be held for so long: a test that kills thousands of workers cannot wait four seconds for each."""
    store.RedisStore = partial(store.RedisStore, lasts=seconds)  # type: ignore[misc]
    telegram.Hold = partial(telegram.Hold, lasts=seconds)  # type: ignore[misc]


def wrap_by(rows: int) -> None:
    """Let keys be wrapped again by so many rows at a time, and sooner than in life, so that a few people make many writes to die in.

    Who says nothing counts as gone sooner too: a test does not wait a minute for each that it killed.
    """
    rewrapping.AT_ONCE, rewrapping.LOOK = rows, 0.2  # type: ignore[misc]
    masters.SAY_AGAIN, masters.SILENT = 1.0, 3.0  # type: ignore[misc]


def set_clock(path: str) -> None:
    """Let the clock be wrong by the seconds in a file, and let it be believed sooner than in life."""
    system.SystemClock.now = lambda _: time.time() + float(Path(path).read_text() or "0")  # type: ignore[method-assign]
    keeper.HOLD, keeper.SWEEP_EVERY = CLOCK_HOLD, 0.2


async def publish(settings: config.Settings, bundle: Bundle) -> None:
    """Put a bundle in force, as the operator's command does."""
    house = build_house(settings)
    await opened(house)
    try:
        await house.library.publish(bundle, by="test", why="test")
    finally:
        await house.store.close()


if __name__ == "__main__":
    main()
