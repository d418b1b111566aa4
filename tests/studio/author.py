"""A process of an author, on a real store. Run: author.py STORE DEED WORDS…, where STORE is a file of SQLite or a socket of Redis.

`live DRAFT NAME LINE TIMES`: writes a line so often. `publish DRAFT`: puts it in force. `all`: from the beginning of a draft to its publish.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from bot.bootstrap.system import SystemClock, chance, entropy
from bot.conversation.keeping.library import StoreLibrary
from bot.conversation.keeping.vault import Vault
from bot.storage.redis.sentinel import SingleWire
from bot.storage.redis.store import RedisStore
from bot.storage.redis.wire import Address
from bot.storage.sqlite.store import SqliteStore
from bot.studio.drafts.parts import NotAllowed
from bot.studio.drafts.workshop import Workshop
from bot.studio.editing.edits import WriteFile
from tests.checks.bundles import TRY as FLOW
from tests.fakes import InlineBench
from tests.studio.shop import TRY
from tests.world import FakeKeys, compiled

SALUT = FLOW.replace("Hello.", "Salut.")


def store_at(where: str) -> Any:
    """The store, as a guest beside others."""
    if where.endswith(".db"):
        return SqliteStore(Path(where), clock=SystemClock(), guest=True)
    return RedisStore(SingleWire(Address(path=where)), clock=SystemClock(), works=False, name=chance(6))


def workshop_on(store: Any) -> Workshop:
    """A workshop of a process of its own."""
    clock = SystemClock()
    vault = Vault(FakeKeys(), now=clock.now, entropy=entropy)
    library = StoreLibrary(store=store, vault=vault, clock=clock, compile_=compiled)
    return Workshop(store=store, vault=vault, clock=clock, chance=chance, library=library, bench=InlineBench())


async def live(shop: Workshop, draft: str, name: str, line: str, times: str) -> None:
    """Write one line again and again; another author has the next one."""
    for n in range(int(times)):
        seen = (await shop.bundle(draft))[TRY]
        was = next(each for each in seen.splitlines() if each.startswith(f"# {line} "))
        edits = [WriteFile(TRY, seen.replace(was, f"# {line} {name}.{n}"), seen)]
        done = await shop.edit(draft, edits, by=name, action=f"{name}.{n}")
        assert not done.clashes
    print("done", flush=True)


async def publish(shop: Workshop, draft: str) -> None:
    """Publish, and say what came of it."""
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    try:
        print(await shop.publish(draft, by="amina"), flush=True)
    except NotAllowed as refused:
        print(refused.reason, flush=True)


async def everything(shop: Workshop) -> None:
    """Whatever an earlier process did of it already is not done again."""
    head = await shop.begin("Mend", by="amina", action="begin")
    await shop.edit(head.id, [WriteFile(TRY, SALUT, FLOW)], by="amina", action="one")
    head = (
        await shop.edit(head.id, [WriteFile("flows/tests/a.chat", "flow: try\n> (starts)\n< try.hello\n", None)], by="amina", action="two")
    ).head
    if head.state == "open":
        head = await shop.ask(head.id, by="amina", words="Look.")
    if head.state == "asked":
        head = await shop.approve(head.id, head.revision, by="karim")
    print(await shop.publish(head.id, by="karim"), flush=True)


async def main(where: str, deed: str, *words: str) -> None:
    """Open the store and do it."""
    store = store_at(where)
    await store.open()
    try:
        await {"live": live, "publish": publish, "all": everything}[deed](workshop_on(store), *words)  # type: ignore[operator]
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
