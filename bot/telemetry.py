"""Logs and counters. Nothing a person said, and nothing that names them, can pass here.

Rule 1: a log line holds only keys of `ALLOWED`; any other key is dropped, whatever it holds.
Rule 2: an exception is logged as its class and the places of our own code it passed, never with its message.
Rule 3: libraries that log what they carry are silenced.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, Protocol

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

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
LOUD = ("httpx", "httpcore", "telegram", "uvicorn.access", "asyncio", "hpack", "urllib3")
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def _allowed_only(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in line.items() if key in ALLOWED}


def _without_words(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    info = line.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else sys.exc_info()[1] if info else None
    if error is not None:
        line["error"] = type(error).__name__
        line["where"] = places(error)
    return line


def places(error: BaseException) -> str:
    """Give where in our own code an exception passed: `file:line` outermost first, no values."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f"{frame.filename.rpartition('/bot/')[2]}:{frame.lineno}" for frame in frames if "/bot/" in frame.filename]
    return " > ".join(ours[-6:])


class _ThroughUs(logging.Handler):
    """What libraries log reaches us as the logger's name and level only."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        extra = {"error": type(error).__name__, "where": places(error)} if error else {}
        structlog.get_logger().log(record.levelno, "library", kind=record.name, **extra)


def start(level: str = "info") -> None:
    """Set up logging for this process, as JSON lines on standard error (plain when it is a terminal)."""
    renderer: Any = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_words,
            _allowed_only,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.root.handlers[:] = [_ThroughUs(level=logging.WARNING)]
    logging.root.setLevel(logging.WARNING)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.ERROR)
        logging.getLogger(name).propagate = name != "telegram"


log = structlog.get_logger()


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
