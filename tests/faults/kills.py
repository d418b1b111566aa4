"""The lives and deaths of services: in a backlog, while eight persons talk, and started by the operator's command.

    python -m tests.faults.kills [KILLS]        kills so many (5,000) of each store, and prints one table

Rule 1: whoever counts here counts what the oracle found, of every service, and takes nothing out.
Rule 2: a service is dead before the next one starts, and all that it sent off has been carried out by then.
"""

import asyncio
import os
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from tests.faults.houses import KINDS, counts, die_with_us, keep_for, open_cases
from tests.faults.oracle import Verdict, handoffs_lost
from tests.faults.rig import BURST, CHATS, GROUP, HOLDING, POINTS, QUICK, RARE, ROOT, Child, Latency, Rig, rigged
from tests.faults.sizes import QUARTERS, STREETS

WEBHOOK_POINTS = tuple(point for point in POINTS if point != "door.after_confirm")  # only a poll confirms by asking again
ASKING = CHATS[:4]
"""Those of the eight who ask for a caseworker in the middle of a burst."""
STRIDE = 13
"""From one place to the next one; it shares no divisor with how many there are."""
LEASE = 1.5
"""Seconds that a worker on Redis holds a shard here, four in life: else five thousand kills would be six hours of waiting."""
REAL = Latency(0.03, 0.0, 3.3)
"""Telegram as it is: 30 to 100 ms."""
PAUSE = 8.0
"""Seconds that a person reads and writes before the next message, on average: quick, for three sentences."""
GOAL = 0.6
"""Repetitions of a kill on average, while eight persons talk.

What has left the process when it dies is carried out by Telegram, and nobody who starts afterwards can know it. So the mean is the
number of sends under way: sends a second, times the seconds from leaving to being on record. No program that sends at least once can
have less, it can only record sooner. In a backlog all eight have a send under way at nearly every moment, whatever the service does;
there the law is one a person and kill, and the mean is printed. While eight persons talk to a service that has caught up, the mean is
what a kill costs in life: it is asserted. Places just behind a send repeat one by themselves, and are counted; there the dead one may
not have caught up."""


@dataclass
class Found:
    """What some kills did, summed over services. `at`: for each place (empty: anywhere) the kills and what they repeated."""

    kills: int = 0
    replies: int = 0
    repeated: int = 0
    most: int = 0
    lost: int = 0
    reordered: int = 0
    misdelivered: int = 0
    handoffs: int = 0
    aside: int = 0
    under_way: int = 0
    at: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def add(self, rig: Rig, verdict: Verdict, aside: int) -> None:
        """Count one service."""
        self.kills += len(rig.kills)
        self.replies += verdict.replies
        self.repeated += verdict.repetitions
        self.most = max(self.most, *verdict.repeated.values(), 0)
        self.lost += len(verdict.lost)
        self.reordered += len(verdict.reordered)
        self.misdelivered += len(verdict.misdelivered)
        self.handoffs += handoffs_lost(rig.written, rig.double.ledger, GROUP)
        self.aside += aside
        for place, under_way in rig.deaths:
            self.at[place][0] += 1
            self.under_way += 0 if place else under_way
        for (_, kill), times in verdict.repeated.items():
            if kill:
                self.at[rig.deaths[kill - 1][0]][1] += times

    @property
    def placed(self) -> int:
        """Kills at a named place."""
        return self.kills - self.at[""][0]

    @property
    def mean(self) -> float:
        """Repetitions of a kill on average."""
        return self.repeated / max(1, self.kills)

    def rows(self) -> list[tuple[str, object]]:
        """Give it as lines."""
        anywhere, again = self.at[""]
        named = sum(times for place, (_, times) in self.at.items() if place)
        return [
            ("kills", self.kills), ("of them at a named place", self.placed), ("replies", self.replies), ("lost", self.lost),
            ("handoffs lost", self.handoffs), ("reordered", self.reordered), ("to another", self.misdelivered), ("put aside", self.aside),
            ("repeated", self.repeated), ("repeated, per kill", f"{self.mean:.2f}"),
            ("repeated, per kill at any moment", f"{again / max(1, anywhere):.2f}"),
            ("sends under way at any moment", f"{self.under_way / max(1, anywhere):.2f}"),
            ("repeated, per kill at a named place", f"{named / max(1, self.placed):.2f}"),
            ("most of one person after one kill", self.most),
        ]  # fmt: skip

    def places(self) -> list[tuple[str, object]]:
        """Give what each place cost, on average."""
        return [(place, f"{times / kills:.2f} of {kills}") for place, (kills, times) in sorted(self.at.items()) if place]

    def holds(self) -> None:
        """Everything the laws allow, and no more."""
        assert (self.lost, self.handoffs, self.reordered, self.misdelivered, self.aside) == (0, 0, 0, 0, 0)
        assert self.most <= 1


def points(kind: str, *, webhook: bool) -> tuple[str, ...]:
    """Give the places that such a service passes."""
    return (WEBHOOK_POINTS if webhook else POINTS) + (HOLDING if kind == "server" else ())


async def killed(rig: Rig, kills: int, places: tuple[str, ...], *, webhook: bool) -> None:
    """Let it be killed so often, with work waiting each time: three of four times at a named place, else at some moment."""
    first = rig.chance.randrange(len(places))
    for n in range(kills):
        # Spread, so that early and late deaths take turns: eight deaths in a row inside one turn put its event aside, by design.
        name = places[(first + n * STRIDE) % len(places)]
        once = name in RARE and not webhook
        if once or rig.waiting < 60:
            rig.burst(BURST // 4 if once else BURST)
        often = 1 if once else 2 if name in HOLDING else 30
        point = "" if n % 4 == 3 else f"{name}:{rig.chance.randint(1, often)}"
        child = await rig.start(webhook=webhook, crash=point)
        moment = rig.chance.uniform(0.02, 0.8) + rig.chance.choice((0.0, rig.store.waits - 1.0))
        await rig.kill(child, 3.0 + rig.store.waits if point else moment, place=name)


async def survived(rig: Rig, found: Found, start: Callable[[], Awaitable[Child]]) -> None:
    """One more start: everything is answered, and the ledger shows what the laws allow."""
    child = await start()
    await rig.ready(child, 90.0)
    verdict = await rig.drain(child, 120.0)
    assert await child.end(signal.SIGTERM) == 0
    aside = (await counts(rig.env())).quarantine
    found.add(rig, verdict, aside)
    # An event put aside after eight deaths in one turn is not lost, and not answered.
    assert (verdict.lost, aside) == ([], 0), f"{rig.folder}: {aside} put aside, {len(verdict.lost)} not answered: {verdict.lost[:4]}"
    assert sorted((await open_cases(rig.env())).values()) == [1] * len(ASKING)


async def street(found: Found, rig: Rig, kills: int, *, webhook: bool, kind: str) -> None:
    """One service's life in a backlog."""
    for chat in ASKING:
        rig.burst(20)
        rig.say(chat, "human")
    await killed(rig, kills, points(kind, webhook=webhook), webhook=webhook)
    await survived(rig, found, lambda: rig.start(webhook=webhook))


async def quarter(found: Found, rig: Rig, kills: int, *, kind: str) -> None:
    """One service's life while eight persons talk."""
    for chat in ASKING:
        rig.say(chat, "human")
    places = points(kind, webhook=True)
    child = await rig.start(webhook=True)
    await rig.until(lambda: not rig.busy and not handoffs_lost(rig.written, rig.double.ledger, GROUP), 90)
    talking = [asyncio.create_task(rig.talk(chat, PAUSE)) for chat in CHATS]
    await rig.kill(child, 1.0, idle=True)
    first = rig.chance.randrange(len(places))
    for n in range(1, kills):
        name = places[(first + n // 4 * STRIDE) % len(places)]  # most kills come at any moment, as in life; a quarter where it hurts
        point = f"{name}:{rig.chance.randint(1, 2 if name in HOLDING else 6)}" if n % 4 == 0 else ""
        child = await rig.start(webhook=True, crash=point)
        if not point:
            await rig.until(rig.calm, 30)
        await rig.kill(child, 6.0 + rig.store.waits if point else rig.chance.uniform(0.0, 2.0), idle=True, place=name)
    for one in talking:
        one.cancel()
    await survived(rig, found, lambda: rig.start(webhook=True))


async def streets(folder: Path, kind: str, many: int, seed: int, life: Callable[[Rig], Awaitable[None]], latency: Latency = QUICK) -> None:
    """So many services side by side."""

    async def one(n: int) -> None:
        home = folder / str(n)
        async with rigged(home, seed + n, keep=keep_for(kind, home, lease=LEASE), latency=latency, paced=latency == REAL) as rig:
            await life(rig)

    async with asyncio.TaskGroup() as group:
        for n in range(many):
            group.create_task(one(n))


async def fresh(rig: Rig, crash: str) -> Child:
    """Start the operator's command in a process of its own."""
    env = {"PATH": os.environ["PATH"], **rig.env(), "AMANA_TEST_CRASH": crash}
    with rig.log.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=ROOT, env=env, stdout=log, stderr=log, preexec_fn=die_with_us
        )
    return Child(process.pid, asyncio.ensure_future(process.wait()))


# ── many, in one go ──
Column = tuple[str, list[tuple[str, object]], list[tuple[str, object]]]
"""A title, the lines under it, and what each place cost."""


async def both(folder: Path, kind: str, kills: int) -> tuple[Found, Found]:
    """In a backlog, half by polling and half by webhook; and, every tenth, while people talk."""
    backlog, talk = Found(), Found()
    each = -(-(kills - kills // 10) // (2 * STREETS))
    for webhook in (False, True):
        live = _street(backlog, each, kind, webhook=webhook)
        await streets(_below(folder, f"backlog-{webhook:d}"), kind, STREETS, 9000 + 20 * webhook, live)
    each = -(-(kills // 10) // QUARTERS)
    await streets(_below(folder, "talk"), kind, QUARTERS, 9500, lambda rig: quarter(talk, rig, each, kind=kind), REAL)
    return backlog, talk


def _street(found: Found, kills: int, kind: str, *, webhook: bool) -> Callable[[Rig], Awaitable[None]]:
    return lambda rig: street(found, rig, kills, webhook=webhook, kind=kind)


def _below(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir(parents=True)
    return made


def run(kind: str, kills: int) -> list[Column]:
    """Kill so many of one store in this process; gives its two columns."""
    begun = monotonic()
    with tempfile.TemporaryDirectory(prefix="amana-kills-") as folder:
        found = asyncio.run(both(Path(folder), kind, kills))
    minutes = ("minutes", f"{(monotonic() - begun) / 60:.1f}")
    return [(f"{kind}, {how}", [*one.rows(), minutes], one.places()) for how, one in zip(("backlog", "talk"), found, strict=True)]


def main() -> None:
    """Kill services of every store side by side, and print one table."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with ProcessPoolExecutor(len(KINDS)) as pool:
        columns = [column for one in pool.map(run, KINDS, [kills] * len(KINDS)) for column in one]
    _line("", [title for title, _, _ in columns])
    for n, (name, _) in enumerate(columns[0][1]):
        _line(name, [lines[n][1] for _, lines, _ in columns])
    _line("\nrepeated, per kill at each place", [])
    costs = [dict(places) for _, _, places in columns]
    for place in sorted(set().union(*costs)):
        _line(place, [cost.get(place, "") for cost in costs])


def _line(name: str, values: Sequence[object]) -> None:
    print("".join([name.ljust(38), *(str(value).rjust(16) for value in values)]))


if __name__ == "__main__":
    main()
