"""How long an author waits: the first view of a flow of 300 steps, a keystroke's check in it, all tests of the service.

    python -m tests.bench.studio [--rounds 20] [--busy SECONDS]

Rule 1: the flow stands inside the whole service as shipped, translated like the rest, and is whole: what is timed is the usual case.
Rule 2: each round is another keystroke; nothing of it was seen before.
"""

import asyncio
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from statistics import median
from time import perf_counter, process_time
from typing import Any

from bot.bootstrap.bench import ProcessBench
from bot.checks.check import check_compiled
from bot.flow.bundle import Bundle
from bot.flow.compiler import compile_bundle
from bot.studio.bundle.compiled import findings
from bot.studio.bundle.trials import tried
from bot.web.studio.script import read
from tests.studio.large import large, shipped

ON = date(2026, 11, 23)
FLOW = "flows/large.yaml"
LINE = "This is part 1201 of the way"


def typed(bundle: Bundle, n: int) -> Bundle:
    """Give the bundle with one more keystroke in the middle of the long flow, another for each number."""
    return bundle.with_file(FLOW, bundle[FLOW].replace(LINE, f"{LINE} {n:x}"))


def timed(what: str, work: Callable[[int], object], rounds: int) -> None:
    """Print how long a piece of work takes: the least and the middle, by the clock and of the processor."""
    walls, cpus = [], []
    for n in range(rounds):
        wall, cpu = perf_counter(), process_time()
        work(n)
        walls.append((perf_counter() - wall) * 1000)
        cpus.append((process_time() - cpu) * 1000)
    print(f"{what:44} {min(walls):7.0f} {median(walls):7.0f} ms   processor {min(cpus):7.0f} {median(cpus):7.0f} ms")


async def apart(rounds: int) -> None:
    """Print what the process of the bench takes, as a page waits for it."""
    bench, bundle = ProcessBench(), large()
    await waited("bench: begin, and the first look at a draft", bench, 1, lambda _: (findings, bundle, ON))
    await waited("bench: a keystroke in 300 steps", bench, rounds, lambda n: (findings, typed(bundle, 1000 + n), ON))
    await waited("bench: the script of the 300 steps", bench, rounds, lambda n: (read, typed(bundle, 2000 + n), "large", "fr"))
    tests = shipped().test_paths()
    began = perf_counter()
    for first in range(0, len(tests), 12):
        await bench(tried, shipped(), tests[first : first + 12])
    print(f"{'bench: all tests, a dozen files at a time':44} {(perf_counter() - began) * 1000:7.0f} ms")
    await bench.close()


async def waited(what: str, bench: ProcessBench, rounds: int, asked: Callable[[int], tuple[Any, ...]]) -> None:
    """Print how long who asks waits: the least, the middle, and nineteen of twenty."""
    walls = []
    for n in range(rounds):
        work, *args = asked(n)
        began = perf_counter()
        await bench(work, *args)
        walls.append((perf_counter() - began) * 1000)
    walls.sort()
    print(
        f"{what:44} {walls[0]:7.0f} {median(walls):7.0f} ms   of twenty {walls[int(len(walls) * 0.95) - 1 if len(walls) > 1 else 0]:7.0f} ms"
    )


async def beside(seconds: float) -> None:
    """Keep a bench busy with keystrokes, to be run beside a load on a service: what it takes from others is seen there."""
    bench, until, n = ProcessBench(), perf_counter() + seconds, 0
    while perf_counter() < until:
        await bench(findings, typed(large(), n), ON)
        n += 1
    print(f"{n} checks in {seconds:.0f} s")
    await bench.close()


def main() -> None:
    """Print the table."""
    asked = ArgumentParser()
    asked.add_argument("--rounds", type=int, default=20)
    asked.add_argument("--busy", type=float, default=0.0, help="only keep a bench busy for so many seconds")
    given = asked.parse_args()
    if given.busy:
        asyncio.run(beside(given.busy))
        return
    rounds = given.rounds
    bundle = large()
    print(f"{'':44} {'least':>7} {'middle':>7}")
    timed("compile, nothing kept", lambda _: compile_bundle(bundle), rounds)
    done = compile_bundle(bundle)
    timed("check what is compiled, nothing kept", lambda _: check_compiled(bundle, done, ON), rounds)
    timed("the first look at a draft", lambda _: findings(bundle, ON), 1)
    timed("a keystroke in 300 steps: all findings", lambda n: findings(typed(bundle, n), ON), rounds)
    timed(f"all {len(shipped().test_paths())} tests in every language", lambda _: tried(shipped()), 1)
    asyncio.run(apart(rounds))


if __name__ == "__main__":
    main()
