"""A wire to a Redis Cluster: each tag has a slot, each slot a master, each master a line.

Rule 1: a question goes to one node and is never sent on to another: who hears that it was the wrong one asks again, when the map is new.
Rule 2: a second key that never exists stands beside each script's key, so that a slot that is being moved key by key refuses the
script before it begins; with one key it could begin, and break off in the middle where a key has left already.
Rule 3: a slot that gets another master is asked nothing until it was said that it moved.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from bot.ports import StoreUnavailable
from bot.storage.redis.keeping import Dialer, Kept, Place, surveyed
from bot.storage.redis.slots import SLOTS, Claim, View, merged, slot_of, view_of
from bot.storage.redis.wire import Address, Script, ScriptFailed, Surveyed, Word, refuse

EVERY: Final = 1.0
"""Seconds after which the map is read again."""
SOON: Final = 0.1
ANSWERS: Final = 0.7
"""Seconds that a node has to tell its map."""
_TURNS: Final = 4
_NOBODY: Final = ":~"
"""What the second key ends with."""


class Node:
    """A master and the line to it. `term`: changes with each election."""

    def __init__(self, address: Address, kept: Kept, claim: Claim) -> None:
        self.address = address
        self.kept = kept
        self.claim = claim

    @property
    def home(self) -> str:
        """Name the node, its term and its life."""
        return f"{self.claim.node} {self.claim.epoch} {self.kept.home}"


class ClusterWire:
    """A wire to many masters. `seeds`: nodes to ask first; any will do."""

    single = False

    def __init__(self, seeds: Sequence[Address], *, context: ssl.SSLContext | None = None, replicas: int = 0, disk: bool = True) -> None:
        self.replicas = replicas
        self.moved: Callable[[], None] | None = None
        self._seeds = tuple(seeds)
        self._known: tuple[Address, ...] = self._seeds
        self._dialer = Dialer(context, replicas, disk=disk)
        self._scripts: Sequence[Script] = ()
        self._claims: tuple[Claim, ...] = ()
        self._nodes: dict[str, Node] = {}
        self._slots: list[Node | None] = [None] * SLOTS
        self._tags: dict[str, int] = {}
        self._again = asyncio.Event()
        self._mapping: asyncio.Task[None] | None = None

    # ── open and close ──
    async def open(self, scripts: Sequence[Script]) -> None:
        """Read the map, connect to every master; raises `StoreUnavailable`."""
        self._scripts = scripts
        try:
            await self._read()
            async with asyncio.timeout(ANSWERS * 5):
                while any(node.kept.line is None for node in self._nodes.values()) or None in self._slots:
                    await asyncio.sleep(0.02)
                    if None in self._slots:
                        await self._read()
        except TimeoutError:
            await self.close()
            raise StoreUnavailable("The cluster has slots that no node of it serves, or a node that is not reached.") from None
        except StoreUnavailable:
            await self.close()
            raise
        self._mapping = asyncio.get_running_loop().create_task(self._map())

    async def close(self) -> None:
        """Close all connections."""
        if self._mapping is not None:
            self._mapping.cancel()
            with suppress(asyncio.CancelledError):
                await self._mapping
            self._mapping = None
        self._slots = [None] * SLOTS
        self._claims = ()
        nodes, self._nodes = list(self._nodes.values()), {}
        for node in nodes:
            await node.kept.close()

    # ── asking ──
    def script(self, script: Script, tag: str, *args: Word) -> "asyncio.Future[Any]":
        """Run a script where the keys of this tag are."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        node = self._node(tag)
        if node is None:
            refuse(future)
        else:
            node.kept.run(script, future, (2, f"{{{tag}}}", f"{{{tag}}}{_NOBODY}", *args))
        return future

    def command(self, tag: str, *words: Word) -> "asyncio.Future[Any]":
        """Run one command where the keys of this tag are."""
        node = self._node(tag)
        if node is not None:
            return node.kept.ask(*words)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        refuse(future)
        return future

    def home(self, tag: str) -> str:
        """Name the node that has this tag, its term and its life; empty while nobody has it."""
        node = self._node(tag)
        return node.home if node is not None else ""

    def where(self, tag: str) -> Address | None:
        """Give the node that has this tag."""
        node = self._node(tag)
        return node.address if node is not None else None

    async def survey(self) -> list[Surveyed]:
        """Ask every node; raises `StoreUnavailable`."""
        found = await asyncio.gather(*(surveyed(self._dialer, node.kept) for node in self._nodes.values()))
        return [one for some in found for one in some]

    def _node(self, tag: str) -> Node | None:
        slot = self._tags.get(tag)
        if slot is None:
            slot = slot_of(tag)
            if len(self._tags) < SLOTS:
                self._tags[tag] = slot
        return self._slots[slot]

    # ── the map ──
    async def _map(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._again.wait()
            self._again.clear()
            with suppress(Exception):  # whatever one look met, without the next ones no failover would be followed
                await self._read()
            await asyncio.sleep(SOON)  # a node that answers MOVED to everything shall not make us ask without end

    def _refused(self, _: str) -> None:
        self._again.set()

    async def _read(self) -> None:
        """Ask all masters, or whoever is known, and follow what they say; raises `StoreUnavailable` if nobody answers."""
        asked = [self._view(node.address, node.kept.ask("CLUSTER", "NODES")) for node in self._nodes.values()]
        views = [view for view in await asyncio.gather(*asked) if view is not None]
        if not views:
            views = [await self._asked_afresh()]
        await self._follow(merged(views))
        known = {(claim.host, claim.port) for claim in self._claims} | {place for view in views for place in view.others}
        self._known = (*(self._at(host, port) for host, port in sorted(known)), *self._seeds)

    async def _view(self, at: Address, answer: "asyncio.Future[Any]") -> View | None:
        try:
            async with asyncio.timeout(ANSWERS):
                return view_of((await answer).decode(), at)
        except (TimeoutError, StoreUnavailable):
            return None

    async def _asked_afresh(self) -> View:
        why = "No node of the cluster answers."
        for at in self._known:
            try:
                line = await self._dialer.dial(at, master=False)
            except StoreUnavailable as error:
                why = str(error)
                continue
            try:
                view = await self._view(at, line.ask("CLUSTER", "NODES"))
            except ScriptFailed:
                why = f"{at.name} is no node of a cluster."
                continue
            finally:
                line.drop()
            if view is not None and view.claims:
                return view
        raise StoreUnavailable(why)

    def _at(self, host: str, port: int) -> Address:
        return replace(self._seeds[0], host=host, port=port, path="", db=0)

    async def _follow(self, claims: tuple[Claim, ...]) -> None:
        """Take over a new map. Slots that get another master, or the same in a new term, are nobody's for some turns of the loop."""
        if claims == self._claims:
            return
        self._claims = claims
        nodes = {claim.node: self._node_for(claim) for claim in claims}
        gone = [node for name, node in self._nodes.items() if nodes.get(name) is not node]
        self._nodes = nodes
        slots: list[Node | None] = [None] * SLOTS
        for node in nodes.values():
            for first, last in node.claim.ranges:
                slots[first : last + 1] = [node] * (last + 1 - first)
        self._slots = [new if new is old else None for new, old in zip(slots, self._slots, strict=True)]
        self._changed()
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        self._slots = slots
        for node in gone:
            await node.kept.close()

    def _node_for(self, claim: Claim) -> Node:
        """Give the node as it is if nothing of it but its slots changed, else a new one with a line of its own."""
        at, old = self._at(claim.host, claim.port), self._nodes.get(claim.node)
        if old is not None and (old.address, old.claim.epoch) == (at, claim.epoch):
            old.claim = claim
            return old

        async def here() -> Place:
            return Place(at)

        kept = Kept(self._dialer, here, changed=self._changed, refused=self._refused)
        kept.keep(self._scripts)
        return Node(at, kept, claim)

    def _changed(self) -> None:
        if self.moved is not None:
            self.moved()
