"""A workshop in memory: a store that keeps every promise but durability, a library with a bundle in force, a bench that works at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.conversation.keeping.library import StoreLibrary
from bot.conversation.keeping.vault import Vault
from bot.flow.bundle import Bundle
from bot.ports import Store
from bot.studio.drafts.parts import DraftHead, Edited
from bot.studio.drafts.workshop import Workshop
from bot.studio.editing.edits import WriteFile
from tests.checks.bundles import clean
from tests.fakes import Counted, FakeClock, InlineBench, MemoryStore
from tests.world import FakeKeys, compiled

TRY = "flows/try.yaml"


@dataclass
class Shop:
    """One process with a workshop; `beside` gives another one on the same store."""

    store: Any
    clock: FakeClock
    library: StoreLibrary
    workshop: Workshop
    names: Counted

    async def begin(self, title: str = "Mend", by: str = "amina") -> DraftHead:
        return await self.workshop.begin(title, by=by)

    async def write(self, draft: str, text: str, *, by: str = "amina", file: str = TRY, action: str = "") -> Edited:
        """Write a whole file as its author, who has just read it."""
        base = (await self.workshop.bundle(draft)).get(file)
        return await self.workshop.edit(draft, [WriteFile(file, text, base)], by=by, action=action or self.names(8))

    async def to_approved(self, text: str, *, by: str = "amina", second: str = "karim") -> DraftHead:
        """A draft with this text of `flows/try.yaml`, to which a second person said yes."""
        head = await self.begin(by=by)
        await self.write(head.id, text, by=by)
        head = await self.workshop.ask(head.id, by=by, words="Please look.")
        return await self.workshop.approve(head.id, head.revision, by=second)

    def beside(self, store: Store | None = None) -> "Shop":
        """Another process on the same store."""
        return _shop(store or self.store, self.clock, self.names)


def _shop(store: Any, clock: FakeClock, names: Counted) -> Shop:
    vault = Vault(FakeKeys(), now=clock.now, entropy=names.bytes)
    library = StoreLibrary(store=store, vault=vault, clock=clock, compile_=compiled)
    workshop = Workshop(store=store, vault=vault, clock=clock, chance=names, library=library, bench=InlineBench())
    return Shop(store, clock, library, workshop, names)


async def shop(bundle: Bundle | None = None, *, store: Any = None, clock: FakeClock | None = None) -> Shop:
    """A workshop with this bundle in force: the clean small service if none is given."""
    clock = clock or FakeClock()
    made = _shop(store or MemoryStore(clock), clock, Counted())
    await made.library.publish(bundle or clean(), by="operator", why="first start")
    return made


def texts_kept(made: Shop) -> Sequence[str]:
    """Names of all texts of drafts in a store in memory."""
    return [key for space, key in made.store.notes_ if space == "draft-texts"]
