"""A whole service in memory for tests: the real flows, the real engine, and stand-ins for the store, the clock and the channels."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from bot.conversation.cases.desk import Desk
from bot.conversation.cases.presence import Presence
from bot.conversation.cases.view import QueueView
from bot.conversation.group.groups import Groups
from bot.conversation.group.groupwords import GroupWords
from bot.conversation.group.topics import Topics
from bot.conversation.group.wording import WORDING
from bot.conversation.keeping.intake import Incoming, Intake
from bot.conversation.keeping.library import StoreLibrary
from bot.conversation.keeping.vault import Vault
from bot.conversation.notices.notices import Notices
from bot.conversation.running.bells import Bell, Changes, Results
from bot.conversation.running.keeper import Keeper
from bot.conversation.sending.sender import Sender
from bot.conversation.staffing.door import Door
from bot.conversation.staffing.staff import StaffBook, StaffMember
from bot.conversation.turning.turn import Turns
from bot.conversation.turning.worker import Worker
from bot.engine.events import AnyEvent, Pressed, Said, Started, WordPressed
from bot.flow.bundle import Bundle
from bot.flow.compiler import compile_bundle
from bot.flow.program import Program
from bot.i18n.staff import StaffTexts
from bot.ports import OutButton, Outgoing, Pace, Receipt, SendFailed, Store
from bot.privacy.keys import DayKeys, Ring
from bot.storage.files import FlowFolder
from tests.fakes import CheapPasswords, Counted, FakeClock, MemoryStore

ROOT = Path(__file__).parent.parent


@lru_cache
def real_bundle() -> Bundle:
    return FlowFolder(ROOT).read()


def compiled(bundle: Bundle) -> Program:
    return _compiled(bundle, bundle.revision)


@lru_cache
def _compiled(bundle: Bundle, _: str) -> Program:
    done = compile_bundle(bundle)
    assert done.program is not None, done.problems
    return done.program


class FakeKeys:
    """Keys that are always the same."""

    def load_or_create(self, now: float) -> Ring:
        return Ring(b"r" * 32, (("m1", b"m" * 32),))

    def look(self, known: Ring) -> Ring:
        return known

    def day_keys(self, now: float) -> DayKeys:
        today = int(now // 86400)
        return DayKeys(today, {today: bytes([today % 256]) * 32, today - 1: bytes([(today - 1) % 256]) * 32})


NO_PACE = Pace()


@dataclass
class FakeChannel:
    """Records what was sent; `failing` holds failures for the next sends."""

    name: str
    pace: Pace = NO_PACE
    sent: list[tuple[str, Outgoing]] = field(default_factory=list)
    failing: list[SendFailed] = field(default_factory=list)

    async def send(self, route: str, message: Outgoing) -> Receipt:
        if self.failing:
            raise self.failing.pop(0)
        self.sent.append((route, message))
        number = str(len(self.sent))
        return Receipt(message=number, topic=number if message.kind == "topic" else None)


@dataclass
class World:
    """One service. `say`, `press` and `word` are what a person does; `heard` is what reached them.

    `shown`: routes at which a person was shown that somebody writes."""

    store: Store
    clock: FakeClock
    person: FakeChannel
    group: FakeChannel
    vault: Vault
    library: StoreLibrary
    intake: Intake
    worker: Worker
    sender: Sender
    keeper: Keeper
    notices: Notices
    desk: Desk
    staff: StaffBook
    door: Door
    told: "Counting"
    view: QueueView
    presence: Presence
    shown: list[str]
    events: int = 0

    async def do(self, event: AnyEvent, who: str = "7", event_id: str = "") -> None:
        self.events += 1
        item = Incoming(
            channel="telegram",
            identity=who,
            route=who,
            event_id=event_id or f"tg:{self.events}",
            event=event,
            message=str(5000 + self.events),
        )
        await self.intake.accept([item])
        await self.settle()

    async def settle(self) -> None:
        await self.worker.idle()
        await self.sender.idle()
        await self.worker.idle()

    async def start(self, language: str = "fr", who: str = "7") -> None:
        await self.do(Started(at=self.clock.now(), language=language), who)

    async def say(self, text: str, who: str = "7") -> None:
        await self.do(Said(at=self.clock.now(), text=text), who)

    async def word(self, word: str, who: str = "7") -> None:
        await self.do(WordPressed(at=self.clock.now(), word=word), who)

    async def press(self, key: str, who: str = "7") -> None:
        life, turn, _ = self.button(key, who).data.split(".", 2)
        await self.do(Pressed(at=self.clock.now(), life=life, turn=int(turn), key=key), who)

    def button(self, key: str, who: str = "7") -> OutButton:
        """The latest button of this key."""
        for message in reversed(self.heard(who)):
            for button in message.buttons:
                if button.data.rpartition(".")[2] == key:
                    return button
        shown = [b.data for m in self.heard(who)[-3:] for b in m.buttons]
        raise AssertionError(f"no button {key}; the last are {shown}")

    def heard(self, who: str = "7") -> list[Outgoing]:
        return [message for route, message in self.person.sent if route == who]

    def ids(self, who: str = "7") -> list[str]:
        return [message.id for message in self.heard(who)]

    async def member(self, id_: str = "amina", **more) -> StaffMember:
        return await self.staff.add(id_, **more)

    async def act(self, deed) -> str:
        """Run a deed of the desk while the worker works."""
        import asyncio

        task = asyncio.create_task(deed)
        while not task.done():
            await asyncio.sleep(0)
            await self.worker.idle()
        await self.settle()
        return await task


@dataclass
class Counting:
    """Counts what the worker and the sender tell."""

    poison: list[str] = field(default_factory=list)
    alerts: list[tuple[str, str]] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    standing: list[object] = field(default_factory=list)

    def noticed(self, standing: object) -> None:
        self.standing.append(standing)

    def group(self, reason: str, of: str = "") -> None:
        self.groups.append(reason)

    def worked(self, seconds: float) -> None:
        assert seconds >= 0

    def alerted(self, reason: str, about: str) -> None:
        self.alerts.append((reason, about))

    def poisoned(self, kind: str, error: BaseException | None = None) -> None:
        self.poison.append(kind)

    def crashed(self, kind: str) -> None:
        self.crashes.append(kind)

    def sent(self, channel: str, result: str, wait: float | None = None) -> None:
        self.results.append(f"{channel} {result}")

    def gave_up(self, reason: str) -> None:
        self.results.append(f"given up {reason}")


async def build_world(
    *,
    store: Store | None = None,
    clock: FakeClock | None = None,
    bundle: Bundle | None = None,
    grouped: bool = True,
    groups: Groups | None = None,
) -> World:
    """Make a service with these flows in force."""
    clock = clock or FakeClock()
    store = store or MemoryStore(clock)
    chance, told = Counted(), Counting()
    vault = Vault(FakeKeys(), now=clock.now, entropy=chance.bytes)
    library = StoreLibrary(store=store, vault=vault, clock=clock, compile_=compiled)
    inbox, outbox, changes, results = Bell(), Bell(), Changes(), Results()
    words = GroupWords(on=grouped, language="fr", staff=StaffTexts.of(WORDING, {}), groups=groups)
    person, group = FakeChannel("telegram"), FakeChannel("desk")
    intake = Intake(store=store, vault=vault, clock=clock, chance=chance, bell=inbox, results=results)
    turns = Turns(vault=vault, library=library, words=words)
    worker = Worker(
        store=store, vault=vault, turns=turns, clock=clock,
        inbox=inbox, outbox=outbox, changes=changes, results=results, told=told,
    )  # fmt: skip
    sender = Sender(
        store=store,
        vault=vault,
        channels={"telegram": person, "desk": group},
        intake=intake,
        clock=clock,
        bell=outbox,
        changes=changes,
        told=told,
        topics=Topics(store=store, vault=vault, library=library, words=words, told=told),
        lately=turns.lately,
    )
    notices = Notices(
        store=store, vault=vault, intake=intake, clock=clock, channels={"telegram": person, "desk": group}, told=told, name="one",
    )  # fmt: skip
    worker.notices = sender.notices = notices
    staff = StaffBook(store=store, vault=vault, clock=clock, chance=chance)
    view = QueueView(store=store, vault=vault, library=library, clock=clock, changes=changes, told=told, epoch="world")
    shown: list[str] = []

    async def show(route: str) -> None:
        shown.append(route)

    presence = Presence(store=store, vault=vault, clock=clock, view=view, web=show)
    presence.ways["telegram"] = show
    world = World(
        store=store, clock=clock, person=person, group=group, vault=vault, library=library, intake=intake, worker=worker, sender=sender,
        keeper=Keeper(store=store, clock=clock, inbox=inbox, age=turns.lately.age), notices=notices,
        desk=Desk(store=store, vault=vault, intake=intake, library=library, clock=clock, staff=staff),
        staff=staff, told=told,
        door=Door(store=store, vault=vault, clock=clock, chance=chance, book=staff, passwords=CheapPasswords()),
        view=view, presence=presence, shown=shown,
    )  # fmt: skip
    await library.publish(bundle or real_bundle(), by="test", why="test")
    return world
