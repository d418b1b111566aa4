"""Building one process: every adapter is chosen and connected here, and nothing is opened or started.

Rule 1: what this process does not need is not loaded.
"""

import os
from typing import TYPE_CHECKING, TypeVar

from bot.bootstrap.authors import studio_side
from bot.bootstrap.deskside import desk_side, fetches
from bot.bootstrap.flows import compiled, staff_texts
from bot.bootstrap.gauges import Gauges
from bot.bootstrap.house import PARTS, Bells, House
from bot.bootstrap.system import SystemClock, chance, entropy, fine, modest_threads
from bot.bootstrap.watch import Watch
from bot.channels.webchat import Webchat
from bot.config import BadSettings, Settings
from bot.conversation.group.groups import Groups
from bot.conversation.group.groupwords import GroupWords
from bot.conversation.group.topics import Topics
from bot.conversation.keeping.envelope import Envelope
from bot.conversation.keeping.fresh import Fresh
from bot.conversation.keeping.intake import Intake
from bot.conversation.keeping.library import StoreLibrary
from bot.conversation.keeping.masters import Masters
from bot.conversation.keeping.rewrapping import Rewrapping
from bot.conversation.keeping.vault import Vault
from bot.conversation.notices.notices import Notices
from bot.conversation.running.bells import Bell, Changes, Results
from bot.conversation.running.holds import Hold
from bot.conversation.running.keeper import Keeper
from bot.conversation.sending.sender import Sender
from bot.conversation.staffing.door import AT_ONCE, Door
from bot.conversation.turning.carry import Parcels
from bot.conversation.turning.turn import Turns
from bot.conversation.turning.worker import Worker
from bot.ports import Channel, Clock, Store
from bot.privacy.passwords import Passwords
from bot.storage.files import KeyFolder
from bot.storage.sqlite.store import SqliteStore
from bot.storage.vitals import timed
from bot.telemetry import Metrics, log

if TYPE_CHECKING:
    from bot.storage.redis.store import RedisStore


TIMED = ("accept", "commit", "settle")
"""What the store is timed by: the three writes of a message."""
S = TypeVar("S")


def build_store(settings: Settings, clock: Clock, *, guest: bool, works: bool = True) -> "SqliteStore | RedisStore":
    """Give the store that the settings name, not yet open."""
    if settings.embedded:
        return SqliteStore(settings.sqlite_path, clock=clock, guest=guest)
    from bot.storage.redis.signals import Signals
    from bot.storage.redis.store import RedisStore
    from bot.storage.redis.topology import BadAddress, wire_for

    name, unsafe = f"{os.uname().nodename}:{os.getpid()}:{chance(6)}", settings.store_unsafe == "yes"
    try:
        wire = wire_for(settings.store, replicas=settings.replicas, disk=not unsafe)
    except BadAddress as bad:
        raise BadSettings([f"AMANA_STORE cannot be read: {bad}"]) from None
    store = RedisStore(wire, clock=clock, works=works and not guest, name=name, unsafe=unsafe)
    store.signals = signals = Signals(wire, name=name)
    store.bell = signals.ring
    return store


def build_house(settings: Settings, *, guest: bool = False, parts: frozenset[str] = PARTS) -> House:
    """Wire one process; nothing is opened or started yet. `guest`: a command beside a server that may be running.

    `parts`: what this process does.
    """
    clock = SystemClock()
    metrics = Metrics(clock.steady)
    store = _timed(build_store(settings, clock, guest=guest, works="worker" in parts), metrics)
    keys, vault, masters = _key_side(settings, store, clock, guest=guest)
    library = StoreLibrary(store=store, vault=vault, clock=clock, compile_=compiled)
    ring = getattr(store, "bell", None)
    inbox, outbox, changes, results = Bell(), Bell(), Changes(elsewhere=ring), Results(elsewhere=ring)
    words = staff_texts(settings.flows)
    groups = Groups(settings.desk_groups)
    group_words = GroupWords(on=bool(groups.all), language=settings.desk_language, staff=words, groups=groups)
    fresh, parcels = Fresh[Envelope](), Fresh[Parcels]()  # who only accepts would keep words that nobody takes and no erasure empties
    intake = Intake(
        store=store, vault=vault, clock=clock, chance=chance, bell=inbox, results=results, fresh=fresh if "worker" in parts else None
    )  # fmt: skip
    webchat = Webchat(
        store=store, intake=intake, vault=vault, clock=clock, chance=chance, naming=vault.session_naming, elsewhere=ring, told=metrics,
        fetched=fetches(intake, clock),
    )  # fmt: skip
    channels: dict[str, Channel] = {"web": webchat}
    side = desk_side(
        settings, store=store, vault=vault, library=library, intake=intake, clock=clock, changes=changes, words=words,
        told=metrics.alarms, bugs=metrics, way=webchat.readers.show_writing, ring=ring,
    )  # fmt: skip
    turns = Turns(vault=vault, library=library, words=group_words, attendance=side.attendance)
    worker = Worker(
        store=store, vault=vault, turns=turns, clock=clock, inbox=inbox, outbox=outbox, changes=changes, results=results, told=metrics,
        fresh=fresh, parcels=parcels,
    )  # fmt: skip
    sender = Sender(
        store=store, vault=vault, channels=channels, intake=intake, clock=clock, bell=outbox, changes=changes, told=metrics,
        topics=Topics(store=store, vault=vault, library=library, words=group_words, told=metrics), parcels=parcels,
        lately=turns.lately,
    )  # fmt: skip
    worker.notices = sender.notices = notices = Notices(
        store=store, vault=vault, intake=intake, clock=clock, channels=channels, told=metrics, name=chance(12),
        hold=None if settings.embedded else Hold(store=store, clock=clock, name="notices", owner=chance(12)),
    )  # fmt: skip
    house = House(
        settings=settings, clock=clock, metrics=metrics, store=store, vault=vault, keys=keys, masters=masters,
        rewrapping=Rewrapping(store=store, vault=vault, clock=clock, told=_rewrapped),
        library=library, intake=intake,
        worker=worker, sender=sender, keeper=Keeper(store=store, clock=clock, inbox=inbox, age=turns.lately.age), notices=notices,
        desk=side.desk, view=side.view, presence=side.presence, attendance=side.attendance, alarms=side.alarms, staff=side.staff,
        door=Door(
            store=store, vault=vault, clock=clock, chance=chance, book=side.staff, passwords=Passwords(), beside=modest_threads(AT_ONCE),
        ),
        words=words, webchat=webchat, channels=channels, groups=groups,
        bells=Bells(inbox=inbox, changes=changes, results=results), doing=parts, watch=Watch(store, clock, vault.open_note),
        studio=studio_side(store=store, vault=vault, library=library, clock=clock),
    )  # fmt: skip
    if settings.telegram_token is not None:
        from bot.bootstrap.telegram import add_telegram

        add_telegram(house, settings.telegram_token.reveal())
    _told(house)
    return house


def _key_side(settings: Settings, store: Store, clock: Clock, *, guest: bool) -> tuple[KeyFolder, Vault, Masters]:
    apart = settings.sqlite_path.parent if settings.embedded else None
    keys = KeyFolder(settings.keys.expanduser(), apart_from=apart)
    vault = Vault(keys, now=clock.now, entropy=entropy)
    process = None if guest else "server" if settings.embedded else f"{os.uname().nodename}:{os.getpid()}"
    return keys, vault, Masters(store=store, vault=vault, clock=clock, has=keys.has, process=process, stays=settings.embedded)


def _rewrapped(rows: int) -> None:
    log.info("keys wrapped again", count=rows)


def _timed(store: S, metrics: Metrics) -> S:
    """The store, with its three writes timed now and then."""
    for op in TIMED:
        setattr(store, op, timed(getattr(store, op), metrics.stored(op), fine))
    return store


def _told(house: House) -> None:
    """Let `/metrics` tell how this process stands."""
    settings, here = house.settings, "telegram" in house.doing and house.telegram is not None
    polls = settings.telegram_webhook_secret is None if here else None
    gauges = Gauges(
        metrics=house.metrics, watch=house.watch, keeper=house.keeper, library=house.library, clock=house.clock, doing=house.doing,
        polls=polls,
    )  # fmt: skip
    gauges.join()
    house.metrics.begin(house.channels)
