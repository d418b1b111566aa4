"""What `/metrics` says besides the counters: how things stand at the moment of asking.

Rule 1: asking waits for nothing: it tells what was seen last.
Rule 2: a label is a word of this file, a stage, an urgency, or the name of a revision; none comes from a person.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from typing_extensions import override

from bot.bootstrap.watch import Watch
from bot.conversation.keeping.library import StoreLibrary
from bot.conversation.pacing.traffic import GROUP, NOTICE, PAGE, PERSON
from bot.conversation.running.keeper import Keeper
from bot.flow.program import Program
from bot.ports import Clock
from bot.storage.vitals import Health, Vitals
from bot.telemetry import Metrics

SOON: Final = timedelta(days=14)
"""A contact that must be rung again within this time is told before it is hidden."""
_ROWS: Final = ("people", "inbox", "outbox", "timers", "cases_waiting", "cases_claimed", "quarantine")
LANES: Final = (PERSON, PAGE, NOTICE, GROUP)
_URGENCIES: Final = ("normal", "high", "now")


@dataclass(kw_only=True, eq=False)
class Gauges(Collector):
    """Tells how one process and its store stand. `polls`: Telegram is asked, and does not call; None: this process has no Telegram."""

    metrics: Metrics
    watch: Watch
    keeper: Keeper
    library: StoreLibrary
    clock: Clock
    doing: frozenset[str]
    polls: bool | None

    def join(self) -> None:
        """Be asked from now on whenever the counters are, and the process with them."""
        self.metrics.registry.register(self)
        ProcessCollector(registry=self.metrics.registry)

    @override
    def collect(self) -> Iterator[Metric]:
        """Give every gauge; one that is not known has no value."""
        yield _info("amana", "This process", {"version": version("amana"), "does": "-".join(sorted(self.doing))})
        yield from self._work()
        yield from self._shards()
        yield from self._memory()
        yield from self._stood_on()
        yield from self._cases()
        yield from self._flows()
        yield from self._telegram()
        yield from self._process()

    def _work(self) -> Iterator[Metric]:
        facts, vitals = self.watch.facts, self.watch.facts.vitals
        rows = {kind: getattr(facts.counts, kind) for kind in _ROWS} if facts.counts else {}
        yield _gauge("amana_store_rows", "Rows in the whole store", rows, "kind")
        yield _one("amana_oldest_waiting_seconds", "Age of the oldest event of the whole store that nobody has worked", facts.lag)
        yield _lanes(vitals.lanes if vitals else {})
        yield _one("amana_lanes_told_to_wait", "Lanes that a channel told to wait, and that still do", self.metrics.resting())
        yield _one("amana_inboxes_waiting", "Persons of this process with an event waiting or in hand", _of(vitals, "waiting"))
        yield _one("amana_turns_in_hand", "Events in hand", _of(vitals, "hand"))

    def _shards(self) -> Iterator[Metric]:
        vitals = self.watch.facts.vitals
        yield _one("amana_shards", "Shards of the store", _of(vitals, "shards"))
        yield _one("amana_leases_held", "Shards that this process holds", _of(vitals, "held"))
        yield _count("amana_leases_taken", "Shards taken", _of(vitals, "taken"))
        yield _count("amana_leases_lost", "Shards lost, or dropped because an answer was missing", _of(vitals, "lost"))
        yield _count("amana_leases_given_up", "Shards given up to another worker", _of(vitals, "given_up"))
        yield _count("amana_script_calls", "Calls of scripts, each of one operation or many", _of(vitals, "calls"))

    def _memory(self) -> Iterator[Metric]:
        vitals = self.watch.facts.vitals
        yield _one("amana_cells_bytes", "Memory of conversations kept at hand", _of(vitals, "cells"))
        yield _count("amana_cells_hits", "Conversations found at hand", _of(vitals, "hits"))
        yield _count("amana_cells_misses", "Conversations that had to be read", _of(vitals, "misses"))

    def _stood_on(self) -> Iterator[Metric]:
        facts, health = self.watch.facts, self.watch.facts.health
        yield _one("amana_store_up", "Whether the store answered when last asked", int(facts.up))
        yield _one("amana_store_used_bytes", "Memory of the server, or size of the file", _of(health, "used"))
        yield _one("amana_store_limit_bytes", "Memory that the server may use; 0 = no limit", _of(health, "limit"))
        yield _one("amana_store_free_bytes", "Room on the disk of the file", _of(health, "free"))
        yield _one("amana_store_appends", "Whether the last write to the server's file went well", _of(health, "appends"))
        yield _one("amana_store_replicas", "Replicas of the server", _of(health, "replicas"))
        yield _one("amana_store_clock_skew_seconds", "How far the server's clock is ahead of ours", _of(health, "skew"))
        age = self.clock.now() - facts.copied if facts.copied is not None else None
        yield _one("amana_backup_age_seconds", "Time since amana backup wrote a copy of the file", age)

    def _cases(self) -> Iterator[Metric]:
        facts, now = self.watch.facts, self.clock.now()
        waiting = [case for case in facts.cases if case.state == "waiting"]
        counts = Counter((case.state, case.urgency) for case in facts.cases)
        cases = GaugeMetricFamily("amana_cases", "Open cases of the whole store", labels=["state", "urgency"])
        meaning = "How long the oldest case that nobody has taken waits"
        oldest = GaugeMetricFamily("amana_case_oldest_wait_seconds", meaning, labels=["urgency"])
        for urgency in _URGENCIES:
            for state in ("waiting", "claimed"):
                cases.add_metric([state, urgency], counts[state, urgency])
            oldest.add_metric([urgency], max((now - case.since for case in waiting if case.urgency == urgency), default=0.0))
        yield cases
        yield oldest

    def _flows(self) -> Iterator[Metric]:
        program = self.library.current() if self.library.head is not None else None
        labels = {"revision": program.revision, "stage": program.service.stage} if program else None
        yield _info("amana_flows", "What is in force", labels)
        today = datetime.fromtimestamp(self.clock.now(), UTC).date()
        yield _gauge("amana_contacts", "Contacts of the directory, by whether they are shown", _contacts(program, today), "state")
        unverified = sum(row.verified_on is None for row in program.directory.contacts.values()) if program else None
        yield _one("amana_contacts_unverified", "Contacts that nobody has rung", unverified)

    def _telegram(self) -> Iterator[Metric]:
        silence = {} if self.polls is None else {"poll" if self.polls else "webhook": self.metrics.silence()}
        yield _gauge("amana_telegram_silence_seconds", "Since the last answered poll, or call of the webhook", silence, "how")
        yield _one("amana_telegram_pending", "Updates that wait at Telegram, asked once a minute", self.watch.facts.pending)

    def _process(self) -> Iterator[Metric]:
        yield _one("amana_clock_paused", "Whether nothing ends and no timer rings because the clock has jumped", int(self.keeper.paused))
        yield _one("amana_loop_late_seconds", "How late the loop came since the last question, at most", self.watch.facts.late)
        self.watch.facts.late = 0.0
        try:
            tasks: int | None = len(asyncio.all_tasks())
        except RuntimeError:  # asked from outside the loop
            tasks = None
        yield _one("amana_tasks", "Open tasks of the loop", tasks)


def _contacts(program: Program | None, today: date) -> Mapping[str, int]:
    if program is None:
        return {}
    counts = {"current": 0, "soon": 0, "expired": 0}
    for row in program.directory.contacts.values():
        counts["expired" if row.expires < today else "soon" if row.expires < today + SOON else "current"] += 1
    return counts


def _lanes(sizes: Mapping[str, tuple[int, int, int]]) -> Metric:
    family = GaugeMetricFamily("amana_lanes", "Lanes of this process with something to send, by what they do", labels=["lane", "state"])
    for lane in LANES:
        those = [size for name, size in sizes.items() if name.partition(":")[0] == lane]
        for state, counts in zip(("ready", "flying", "resting"), zip((0, 0, 0), *those, strict=True), strict=True):
            family.add_metric([lane, state], sum(counts))
    return family


def _of(seen: Vitals | Health | None, name: str) -> float | None:
    return None if seen is None else getattr(seen, name)


def _one(name: str, meaning: str, value: float | None) -> Metric:
    family = GaugeMetricFamily(name, meaning)
    if value is not None:
        family.add_metric([], value)
    return family


def _count(name: str, meaning: str, value: float | None) -> Metric:
    family = CounterMetricFamily(name, meaning)
    if value is not None:
        family.add_metric([], value)
    return family


def _gauge(name: str, meaning: str, values: Mapping[str, float], label: str) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for word, value in values.items():
        family.add_metric([word], value)
    return family


def _info(name: str, meaning: str, labels: Mapping[str, str] | None) -> Metric:
    family = GaugeMetricFamily(f"{name}_info", meaning, labels=list(labels or ()))
    if labels:
        family.add_metric(list(labels.values()), 1)
    return family
