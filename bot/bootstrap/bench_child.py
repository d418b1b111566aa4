"""The process of the bench: takes calls from its standard input, one at a time, and gives what they give.

Rule 1: it ends when its input ends, also in the midst of work: it cannot outlive who began it; where work lets nothing else have a turn,
the system ends it when its time is over.
Rule 2: it writes no file, keeps no core, asks for no more memory than it was told, and gives way to everybody else.
"""

import gc
import importlib
import os
import queue
import resource
import signal
import struct
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from bot.bootstrap.bench_wire import Received, answer, plain_values

_SIZE: Final = struct.Struct(">Q")
_MODEST: Final = 10
_FULL: Final = 0.6
"""Share of the memory after which it leaves once its work is done: what it keeps has grown too much."""
_READY: Final = (
    "bot.studio.bundle.compiled",
    "bot.studio.bundle.trials",
    "bot.studio.playing.preview",
    "bot.studio.translating.table",
    "bot.studio.comparing.difference",
)


def main() -> None:
    """Work until there is no more."""
    megabytes, seconds = int(sys.argv[1]), int(sys.argv[2])
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whoever prints must not be taken for an answer
    _be_small(megabytes)
    for module in _READY:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    calls: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, calls), daemon=True).start()
    received = Received()
    while True:
        call = calls.get()
        signal.alarm(seconds)
        told = _answered(received, call, megabytes)
        signal.alarm(0)
        answers.write(_SIZE.pack(len(told)) + told)
        answers.flush()


def _be_small(megabytes: int) -> None:
    os.nice(_MODEST)
    with suppress(AttributeError, OSError):  # where the system knows it: who wakes up is not held up by who works long
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    most = megabytes * 1024 * 1024
    for what, limit in (
        (resource.RLIMIT_AS, most),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (limit, limit))


def _listen(calls_in: BinaryIO, calls: "queue.SimpleQueue[bytes]") -> None:
    """Take calls while another is worked on; the end of the input is the end of everything."""
    with suppress(Exception):
        while len(head := calls_in.read(_SIZE.size)) == _SIZE.size:
            (size,) = _SIZE.unpack(head)
            calls.put(calls_in.read(size))
    os._exit(0)


def _answered(received: Received, data: bytes, megabytes: int) -> bytes:
    """The answer to a call: whether it raised, what it gave or raised, and whether this process leaves now."""
    try:
        work, args, named = received.call(data)
        given = work(*args, **named)
        return answer(given, leaves=_used() > megabytes * _FULL)
    except MemoryError:
        os._exit(1)
    except Exception as error:  # noqa: BLE001 whatever it is, who asked is told
        return _raised(error, leaves=_used() > megabytes * _FULL)


def _raised(error: Exception, *, leaves: bool) -> bytes:
    try:
        told = answer(error, raised=True, leaves=leaves)
        plain_values(told)  # some exceptions can be written and not be read
    except Exception:  # noqa: BLE001 as above
        told = answer(RuntimeError(type(error).__name__), raised=True, leaves=leaves)
    return told


def _used() -> float:
    """Megabytes that the process holds; 0 where the system does not tell."""
    with suppress(OSError), Path("/proc/self/statm").open(encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / (1024 * 1024)
    return 0.0


if __name__ == "__main__":
    main()
