"""Logs and counters. Nothing a person said, and nothing that names them, can pass here.

Rule 1: a log line holds only keys of `ALLOWED`; any other key is dropped, whatever it holds.
Rule 2: an exception is logged as its class and the places of our own code it passed, never with its message.
Rule 3: libraries that log what they carry are silenced.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from typing_extensions import override

Fact: TypeAlias = str | int | float
"""What a log line may hold of a fact."""

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "count",
        "seconds",
        "kind",
        "reason",
        "revision",
        "rule",
        "where",
        "error",
        "team",
        "port",
        "state",
        "about",
        "rows",
    }
)
OURS = "amana"
LOUD = ("httpx", "httpcore", "telegram", "uvicorn.access", "asyncio", "hpack", "urllib3")
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def places(error: BaseException) -> str:
    """Give where in our own code an exception passed: `file:line` outermost first, no values."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f"{frame.filename.rpartition('/bot/')[2]}:{frame.lineno}" for frame in frames if "/bot/" in frame.filename]
    return " > ".join(ours[-6:])


class Log:
    """Writes lines of an event and its facts. A fact whose key is not allowed is dropped."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def info(self, event: str, **facts: Fact) -> None:
        """Something that an operator may like to know."""
        self.line(logging.INFO, event, **facts)

    def warning(self, event: str, **facts: Fact) -> None:
        """Something that an operator should look at."""
        self.line(logging.WARNING, event, **facts)

    def error(self, event: str, **facts: Fact) -> None:
        """Something that went wrong."""
        self.line(logging.ERROR, event, **facts)

    def line(self, level: int, event: str, **facts: Fact) -> None:
        """One line of this level."""
        kept = {key: value for key, value in facts.items() if key in ALLOWED}
        self._logger.log(level, event, extra={"facts": kept})


class _Lines(logging.Formatter):
    """JSON lines; what other libraries log is reduced to who logged it and the class of the error."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Fact] = {"at": at, "level": record.levelname.lower()}
        if record.name == OURS:
            return json.dumps({**line, "event": record.msg, **getattr(record, "facts", {})}, ensure_ascii=False)
        error = record.exc_info[1] if record.exc_info else None
        blamed: dict[str, Fact] = {"error": type(error).__name__, "where": places(error)} if error else {}
        return json.dumps({**line, "event": "library", "kind": record.name, **blamed}, ensure_ascii=False)


def start(level: str = "info") -> None:
    """Set up logging for this process, as JSON lines on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(_LEVELS[level])
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


log = Log(OURS)


class Metrics:
    """The counters of one process; no label holds a personal value."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self.accepted = Counter("amana_accepted_total", "Events kept before they were confirmed", ["channel"], registry=r)
        self.repeated = Counter("amana_repeated_total", "Events that came again and were dropped", ["channel"], registry=r)
        self.unreadable = Counter("amana_unreadable_total", "Updates that could not be read and were put aside", ["channel"], registry=r)
        self.turns = Histogram(
            "amana_turn_seconds", "From arrival to commit", registry=r, buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
        )
        self.alerts = Counter("amana_alerts_total", "What the engine found wrong with flows or contacts", ["reason"], registry=r)
        self._said: set[tuple[str, str]] = set()
        self._barred = ""
        self.poison = Counter("amana_poison_total", "Events put aside because their turn failed", ["kind"], registry=r)
        self.sends = Counter("amana_sends_total", "Messages by how sending ended", ["result"], registry=r)
        self.crashes = Counter("amana_channel_errors_total", "Errors of a channel that it has no word for", ["kind"], registry=r)
        self.polls = Counter("amana_polls_total", "Polls of Telegram by how they ended", ["result"], registry=r)
        self.rows = Gauge("amana_store_rows", "Rows in the store", ["kind"], registry=r)
        self.lag = Gauge("amana_oldest_waiting_seconds", "Age of the oldest event not worked yet", registry=r)

    # what the worker and the sender tell (bot.conversation.worker.Told, bot.conversation.sender.SendTold)
    def worked(self, seconds: float) -> None:
        """One turn was committed."""
        self.turns.observe(max(0.0, seconds))

    def alerted(self, reason: str, about: str) -> None:
        """Something is wrong with the flows or contacts: counted each time, said once."""
        self.alerts.labels(reason).inc()
        if (reason, about) not in self._said:
            self._said.add((reason, about))
            log.warning("look at this", reason=reason, about=about)

    def poisoned(self, kind: str) -> None:
        """One event was put aside."""
        self.poison.labels(kind).inc()
        log.error("event put aside", kind=kind)

    def sent(self, result: str) -> None:
        """One send ended."""
        self.sends.labels(result).inc()

    def crashed(self, kind: str) -> None:
        """A channel failed without a word for it."""
        self.crashes.labels(kind).inc()
        log.error("channel error", kind=kind)

    # what the channels tell (bot.channels.telegram.door.DoorTold)
    def arrived(self, channel: str, fresh: int, repeated: int, unreadable: int) -> None:
        """So many events came in."""
        self.accepted.labels(channel).inc(fresh)
        self.repeated.labels(channel).inc(repeated)
        self.unreadable.labels(channel).inc(unreadable)

    def polled(self, *, ok: bool) -> None:
        """A poll of Telegram ended."""
        self.polls.labels("ok" if ok else "failed").inc()
        if ok and self._barred:
            self._barred = ""
            log.info("telegram answers again")

    def barred(self, why: str) -> None:
        """Telegram did not answer as it should: said once for each reason."""
        if why != self._barred:
            self._barred = why
            log.warning("telegram does not answer", reason=why)

    def count(self, counts: "Counts", now: float) -> None:
        """Take over the sizes of the store."""
        for kind in ("people", "inbox", "outbox", "timers", "cases_waiting", "cases_claimed", "quarantine"):
            self.rows.labels(kind).set(getattr(counts, kind))
        self.lag.set(now - counts.oldest_inbox if counts.oldest_inbox is not None else 0.0)


class Counts(Protocol):
    """Sizes of the store (`bot.ports.StoreCounts`)."""

    @property
    def oldest_inbox(self) -> float | None:
        """UTC seconds of the oldest event that waits; None = none waits."""
