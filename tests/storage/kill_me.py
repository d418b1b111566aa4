"""A process that works a store and says what was acknowledged, until it is killed. Run: kill_me.py FILE SEED PERSONS."""

import asyncio
import os
import random
import sys
from pathlib import Path

from bot.ports import Arrival, Audit, Commit, OutRow, Sent, Timer
from bot.storage.sqlite.store import SqliteStore
from tests.fakes import FakeClock

WRAPS = (("server", b"key"),)


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def live(store: SqliteStore, clock: FakeClock, n: int, chance: random.Random) -> None:
    person = n.to_bytes(16, "big")
    record = await store.load(person)
    version = record.version
    while True:
        event = f"{n}.{version + 1}"
        await store.accept([Arrival(person, event, b"words", clock.now())])
        say("accepted", event)
        version = await store.commit(
            Commit(
                person=person,
                version=version,
                event=event + "c",
                taken=None,
                wraps=WRAPS,
                session=event.encode(),
                outbox=(OutRow(event, b"out", clock.now()),),
                timers=(Timer(event, clock.now() + 10**6, b"timer"),),
                audit=(Audit(clock.now(), "bot", "turn", event),),
            )
        )
        say("committed", event)
        if chance.random() < 0.2:
            await asyncio.sleep(0)


async def send(store: SqliteStore, clock: FakeClock) -> None:
    while True:
        due = await store.due(clock.now(), 4)
        await store.settle([Sent(one.person, one.row.id, clock.now(), receipt=one.row.id.encode()) for one in due])
        for one in due:
            say("sent", one.row.id)
        await asyncio.sleep(0.002)


async def main(file: str, seed: int, persons: int) -> None:
    clock = FakeClock()
    store = SqliteStore(Path(file), clock=clock)
    await store.open()
    say("open")
    chance = random.Random(seed)
    await asyncio.gather(send(store, clock), *(live(store, clock, n, chance) for n in range(persons)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
