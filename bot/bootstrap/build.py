"""Building one process: every adapter is chosen and connected here, and nothing is opened or started.

Rule 1: what this process does not need is not loaded.
"""

import os
import secrets
from typing import TYPE_CHECKING

from bot.bootstrap.flows import compiled, staff_texts
from bot.bootstrap.house import PARTS, Bells, House
from bot.bootstrap.system import SystemClock, chance
from bot.channels.webchat import Webchat
from bot.config import Settings
from bot.conversation.bells import Bell, Changes, Results
from bot.conversation.carry import Parcels
from bot.conversation.casework import GroupWords
from bot.conversation.desk import Desk
from bot.conversation.envelope import Envelope
from bot.conversation.fresh import Fresh
from bot.conversation.intake import Intake
from bot.conversation.keeper import Keeper
from bot.conversation.library import StoreLibrary
from bot.conversation.sender import Sender
from bot.conversation.staff import StaffBook
from bot.conversation.turn import Turns
from bot.conversation.vault import Vault
from bot.conversation.worker import Worker
from bot.ports import Channel, Clock
from bot.storage.files import KeyFolder
from bot.storage.sqlite.store import SqliteStore
from bot.telemetry import Metrics

if TYPE_CHECKING:
    from bot.storage.redis.store import RedisStore


def build_store(settings: Settings, clock: Clock, *, guest: bool, works: bool = True) -> "SqliteStore | RedisStore":
    """Give the store that the settings name, not yet open."""
    if settings.embedded:
        return SqliteStore(settings.sqlite_path, clock=clock, guest=guest)
    from bot.storage.redis.signals import Signals
    from bot.storage.redis.store import RedisStore
    from bot.storage.redis.topology import wire_for

    name, wire = f"{os.uname().nodename}:{os.getpid()}:{chance(6)}", wire_for(settings.store)
    store = RedisStore(wire, clock=clock, works=works and not guest, name=name, unsafe=settings.store_unsafe == "yes")
    store.signals = signals = Signals(wire, url=settings.store, name=name)
    store.bell = signals.ring
    return store


def build_house(settings: Settings, *, guest: bool = False, parts: frozenset[str] = PARTS) -> House:
    """Wire one process; nothing is opened or started yet. `guest`: a command beside a server that may be running.

    `parts`: what this process does.
    """
    clock, metrics = SystemClock(), Metrics()
    store = build_store(settings, clock, guest=guest, works="worker" in parts)
    apart = settings.sqlite_path.parent if settings.embedded else None
    vault = Vault(KeyFolder(settings.keys.expanduser(), apart_from=apart), now=clock.now, entropy=secrets.token_bytes)
    library = StoreLibrary(store=store, vault=vault, clock=clock, compile_=compiled)
    ring = getattr(store, "bell", None)
    inbox, outbox, changes, results = Bell(), Bell(), Changes(elsewhere=ring), Results(elsewhere=ring)
    words = staff_texts(settings.flows)
    grouped = settings.telegram_token is not None and bool(settings.telegram_desk_group)
    turns = Turns(vault=vault, library=library, words=GroupWords(on=grouped, language=settings.desk_language, staff=words))
    fresh, parcels = Fresh[Envelope](), Fresh[Parcels]()
    intake = Intake(store=store, vault=vault, clock=clock, chance=chance, bell=inbox, results=results, fresh=fresh)
    webchat = Webchat(store=store, intake=intake, vault=vault, clock=clock, chance=chance, naming=vault.session_naming(), elsewhere=ring)
    channels: dict[str, Channel] = {"web": webchat}
    worker = Worker(
        store=store, vault=vault, turns=turns, clock=clock, inbox=inbox, outbox=outbox, changes=changes, results=results, told=metrics,
        fresh=fresh, parcels=parcels,
    )  # fmt: skip
    sender = Sender(
        store=store, vault=vault, channels=channels, intake=intake, clock=clock, bell=outbox, changes=changes, told=metrics,
        parcels=parcels,
    )  # fmt: skip
    house = House(
        settings=settings, clock=clock, metrics=metrics, store=store, vault=vault, library=library, intake=intake,
        worker=worker, sender=sender, keeper=Keeper(store=store, clock=clock, inbox=inbox),
        desk=Desk(store=store, vault=vault, intake=intake, library=library, clock=clock, changes=changes),
        staff=StaffBook(store=store, vault=vault, clock=clock, chance=chance), words=words, webchat=webchat, channels=channels,
        bells=Bells(inbox=inbox, changes=changes, results=results), doing=parts,
    )  # fmt: skip
    if settings.telegram_token is not None:
        from bot.bootstrap.telegram import add_telegram

        add_telegram(house, settings.telegram_token.reveal())
    return house
