"""Wiring: which adapter serves which port, and in which order everything starts and stops.

Rule 1: only this file knows all rooms; it makes no decision of its own.
Rule 2: stopping has an order: receive nothing more, finish what is in hand, send what is due, close the store.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.bootstrap.authors import StudioSide
from bot.bootstrap.flows import FlowsRefused, checked, read_flows
from bot.bootstrap.system import SystemClock, chance
from bot.bootstrap.watch import Watch
from bot.channels.webchat import Webchat
from bot.config import Settings
from bot.conversation.alerting.alarms import MAIL_DOUBT, Alarms
from bot.conversation.alerting.letters import mail_outage
from bot.conversation.cases.desk import Desk
from bot.conversation.cases.media import MediaDesk
from bot.conversation.cases.presence import Presence
from bot.conversation.cases.view import QueueView
from bot.conversation.group.groups import Groups
from bot.conversation.group.groupstate import outages
from bot.conversation.group.topicends import TopicEnds
from bot.conversation.keeping.intake import Intake
from bot.conversation.keeping.library import StoreLibrary
from bot.conversation.keeping.masters import Masters
from bot.conversation.keeping.rewrapping import Rewrapping
from bot.conversation.keeping.vault import Vault
from bot.conversation.notices.notices import Notices
from bot.conversation.running.bells import Bell, Changes, Results
from bot.conversation.running.keeper import Keeper, every
from bot.conversation.sending.sender import Sender
from bot.conversation.staffing.attendance import Attendance
from bot.conversation.staffing.door import Door
from bot.conversation.staffing.staff import StaffBook
from bot.conversation.turning.worker import Worker
from bot.flow.bundle import SHOWN
from bot.flow.program import Program
from bot.i18n.staff import StaffTexts
from bot.ports import Channel, StoreUnavailable
from bot.privacy.retention import Lifetimes
from bot.storage.files import KeyFolder
from bot.storage.sqlite.store import SqliteStore
from bot.telemetry import Metrics, log
from bot.web.parts import Standing, WebParts
from bot.web.straight import Hook

PARTS = frozenset({"web", "worker", "telegram"})
"""What one process can do; all of it, unless it is one of several."""
FRESH = 1.0
COMMANDS = ("stop", "erase", "help", "human", "menu", "back", "repeat", "language", "privacy")


if TYPE_CHECKING:
    from bot.channels.telegram.door import TelegramDoor
    from bot.storage.redis.store import RedisStore


@dataclass
class Bells:
    """The bells of this process, to be rung for what other processes say."""

    inbox: Bell
    changes: Changes
    results: Results


@dataclass
class House:
    """Everything of one process, wired."""

    settings: Settings
    clock: SystemClock
    metrics: Metrics
    store: "SqliteStore | RedisStore"
    vault: Vault
    keys: KeyFolder
    masters: Masters
    rewrapping: Rewrapping
    library: StoreLibrary
    intake: Intake
    worker: Worker
    sender: Sender
    keeper: Keeper
    notices: Notices
    desk: Desk
    view: QueueView
    presence: Presence
    attendance: Attendance
    alarms: Alarms
    staff: StaffBook
    door: Door
    words: StaffTexts
    webchat: Webchat
    channels: dict[str, Channel]
    groups: Groups
    bells: Bells
    watch: Watch
    studio: StudioSide
    doing: frozenset[str] = PARTS
    telegram: "TelegramDoor | None" = None
    grouped: bool = False
    ends: TopicEnds | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _looking: set["asyncio.Task[None]"] = field(default_factory=set)
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    media: MediaDesk = field(init=False)

    def __post_init__(self) -> None:
        self.media = MediaDesk(self.desk, self.metrics.media)

    def stop(self) -> None:
        """Receive nothing more; let what is in hand end."""
        self.stopping.set()
        self.end_streams()
        self.keeper.stop()
        self.notices.stop()
        self.alarms.stop()
        if self.telegram is not None:
            self.telegram.stop()
        self.worker.stop()
        self.sender.stop()

    def end_streams(self) -> None:
        """Let every page and desk that listens go, and whoever waits for the bench."""
        self.studio.bench.end()
        self.webchat.close()
        self.view.stop()

    async def close(self) -> None:
        """Close the ways out, once nothing is in flight any more."""
        with suppress(StoreUnavailable):
            await self.masters.leave()
        await self.studio.bench.close()
        for close in self.closers:
            await close()

    def parts(self) -> list[Coroutine[Any, Any, None]]:
        """Give what works beside the web server until it is stopped."""
        work = [keep_fresh(self), self.watch.run(self.stopping), self.view.run()]
        if "web" in self.doing:
            work.append(self.studio.run(self.stopping))
        if "worker" in self.doing:
            work += [self.worker.run(), self.sender.run(), self.keeper.run(), self.notices.run(), self.alarms.run()]
            work.append(self.rewrapping.run(self.stopping))
            work += [self.ends.run(self.stopping)] if self.ends is not None else []
        if "telegram" in self.doing and self.telegram is not None:
            work.append(self.telegram_runs())
        return work

    async def hears(self) -> None:
        """Ring here what other processes ring, until cancelled; an embedded store has no other process."""
        signals = getattr(self.store, "signals", None)
        if signals is not None:
            await signals.listen(self._rung)

    def _rung(self, word: str) -> None:
        kind, _, rest = word.partition(" ")
        hears = self._hearers().get(kind)
        if hears is not None:  # a newer process may say more
            hears(rest)

    def _hearers(self) -> Mapping[str, Callable[[str], None]]:
        return {
            "inbox": self._inbox_rung,
            "holds": lambda _: self.store.hurry(),  # type: ignore[union-attr]  # only a store of several processes is rung for
            "case": lambda rest: self.bells.changes.heard(*_two(rest, "state")),
            "mail": self.webchat.readers.rung,
            "writes": lambda rest: self.webchat.readers.rung(rest, writes=True),
            "here": self.presence.desks.heard,
            "typing": lambda rest: self.presence.heard(*_two(rest, "")),
            "done": self._done,
            "again": lambda _: self.view.missed(),
        }

    def _inbox_rung(self, _: str) -> None:
        task = asyncio.get_running_loop().create_task(self._look())
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    def _done(self, rest: str) -> None:
        event, _, outcome = rest.rpartition(" ")
        self.bells.results.heard(event, outcome)

    async def _look(self) -> None:
        with suppress(StoreUnavailable):
            await self.store.look()  # type: ignore[union-attr]  # only a store of several processes is rung for
            self.bells.inbox.ring()

    async def telegram_runs(self) -> None:
        """Tell Telegram where to send, then poll if there is no webhook."""
        if self.telegram is None:
            return
        hooked = self.settings.telegram_webhook_secret is not None
        await self.telegram.set_up(url=self.settings.url if hooked else "", commands=self._commands())
        if not hooked:
            await self.telegram.poll()

    def _commands(self) -> Mapping[str, Mapping[str, str]]:
        """Commands by language; the first language stands for every other (Bot API: an empty code)."""
        program = self.library.current()
        by_language = {
            language: {word: program.texts.say(f"bot.{word}", language) for word in COMMANDS} for language in program.service.languages
        }
        return {"": by_language[program.service.languages[0]], **by_language}

    async def standing(self) -> Standing:
        """Give how this service stands, for the first page."""
        program = self.library.current()
        counts = await self.store.counts()
        channels = "telegram" if self.telegram is not None else "web"
        facts: tuple[tuple[str, Mapping[str, str | int]], ...] = (
            ("home.fact.store.value", {}),
            ("home.fact.flows.value", {"n": len(program.flows), "revision": program.revision[:SHOWN]}),
            (f"home.fact.channels.{channels}", {}),
            ("home.fact.waiting.value", {"n": counts.cases_waiting}),
        )
        if self.grouped:
            lost = await outages(self.store, self.groups.all)
            facts += ((f"home.fact.group.{lost[0][1].reason if lost else 'well'}", {}),)
        return Standing(stage=program.service.stage, todo=tuple(self._todo(program)), facts=facts)

    def _todo(self, program: Program) -> list[tuple[str, Mapping[str, str | int]]]:
        unchecked = sum(contact.verified_on is None for contact in program.directory.contacts.values())
        trial = program.service.stage == "trial"
        todo: list[tuple[str, Mapping[str, str | int]]] = []
        if unchecked:
            todo.append(("home.todo.contacts", {"n": unchecked}))
        if trial:
            todo += [(f"home.todo.{each}", {}) for each in ("org", "voice", "staff", "keys")]
        if not self.settings.secure:
            todo.append(("home.todo.https", {}))
        if trial:
            todo.append(("home.todo.stage", {}))
        return todo

    def web_parts(self) -> WebParts:
        """Give what the web application is made of."""
        return WebParts(
            chat=self.webchat, desk=self.desk, staff=self.staff, door=self.door, view=self.view, presence=self.presence,
            media=self.media, program=self.library.current, words=self.words, clock=self.clock, chance=chance,
            registry=self.metrics.registry, ready={"store": self._store_ready, "flows": self._flows_ready},
            standing=self.standing, studio=self.studio.parts, alarm=self._alarm, hooks=self._hooks(),
            measured=self.settings.metrics_address is None,
            recordings=self.settings.flows / "locales", public_url=self.settings.url, secure=self.settings.secure, closing=self.stopping,
        )  # fmt: skip

    async def _alarm(self, teams: Sequence[str] = ()) -> str:
        """What who answers for these teams must know."""
        lost, mail = await outages(self.store, self.groups.all), await mail_outage(self.store)
        group = next((out for one, out in lost if self.groups.concern(one, teams)), None)
        stuck = mail is not None and self.clock.now() - mail.since >= MAIL_DOUBT
        if group is not None:
            return "desk.lost.both" if stuck else f"desk.group.{group.reason}"
        return "desk.lost.mail" if stuck else ""

    def _hooks(self) -> dict[str, Hook]:
        """Paths that go straight to a channel."""
        door = self.telegram if "telegram" in self.doing else None
        return {door.path: door.hooked} if door is not None else {}

    async def _store_ready(self) -> bool:
        await self.library.look()
        return True

    async def _flows_ready(self) -> bool:
        return self.library.head is not None

    def warnings(self) -> list[str]:
        """Give what must be done before real use, for the start-up banner."""
        program = self.library.current()
        return [self.words.say(id_, "en", **values) for id_, values in self._todo(program)]

    def telegram_state(self) -> str:
        """Give how Telegram is reached, in a few words."""
        if self.telegram is None:
            return "off (TELEGRAM_TOKEN is not set)"
        how = "by webhook" if self.settings.telegram_webhook_secret else "by polling"
        return f"{how}, caseworkers in a group" if self.grouped else f"{how}, caseworkers at the desk only"


def _two(rest: str, otherwise: str) -> tuple[str, str]:
    """The first word, and what follows it."""
    first, _, more = rest.partition(" ")
    return first, more or otherwise


async def put_in_force(house: House) -> bool:
    """Read what is in force; an empty store imports the flow folder first. True if it did. Raises `FlowsRefused`."""
    await house.library.refresh()
    if house.library.head is not None:
        _let_live(house)
        await house.attendance.look()
        return False
    bundle = read_flows(house.settings.flows)
    checked(bundle, house.clock.today())
    await house.library.publish(bundle, by="operator", why="first start")
    _let_live(house)
    await house.attendance.look()
    return True


def _let_live(house: House) -> None:
    """What is kept lives as long as the flows in force say, and people are told."""
    keep = house.library.current().service.keep
    house.store.lifetimes = Lifetimes(receipts=keep.messages * 60.0, route=keep.route * 60.0, case=keep.case * 60.0)


async def keep_fresh(house: House) -> None:
    """Take up publishes and masters of other processes, and who is there, each second until stopped; and see how late this comes."""
    began = house.clock.steady()
    await _keys_fresh(house)
    while await every(FRESH, house.stopping):
        house.watch.came_late(house.clock.steady() - began - FRESH)
        await _keys_fresh(house)
        with suppress(StoreUnavailable, FlowsRefused):
            await house.attendance.look()
            if await house.library.refresh():
                _let_live(house)
                log.info("flows in force", revision=house.library.current().revision)
        began = house.clock.steady()


async def _keys_fresh(house: House) -> None:
    trouble = house.keys.trouble
    with suppress(StoreUnavailable):
        if await house.masters.look():
            log.info("master keys", about=house.vault.masters[0], count=len(house.vault.masters))
    if house.keys.trouble and not trouble:
        log.error("the key folder cannot be used", reason=house.keys.trouble)
