"""Logs and counters. Nothing a person said, and nothing that names them, can pass here.

Rule 1: a log line holds only keys of `ALLOWED`; any other key is dropped, whatever it holds.
Rule 2: an exception is logged as its class and the places of our own code it passed, never with its message.
Rule 3: libraries that log what they carry are silenced.
Rule 4: a label is a word of ours or the name of a class; what does not look like one is counted as `other`.
"""

import heapq
import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
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


SHORT = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5)
"""Bounds, in seconds, of what the store takes."""
LONG = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
"""Bounds, in seconds, of what a person waits."""
CLOSED = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,39}")
"""What a label may look like: a word of ours or the name of a class, never a number that could be somebody's."""


def word(label: str) -> str:
    """Give a label if it is a word, else the word that it is none."""
    return label if CLOSED.fullmatch(label) else "other"


class Metrics:
    """The counters of one process; no label holds a personal value. `steady` gives seconds that never jump."""

    def __init__(self, steady: Callable[[], float]) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # when each began is nobody's question, and doubles what is told
        self.registry = CollectorRegistry()
        r = self.registry
        self._accepted = Counter("amana_accepted_total", "Events kept before they were confirmed", ["channel"], registry=r)
        self._repeated = Counter("amana_repeated_total", "Events that came again and were dropped", ["channel"], registry=r)
        self._unreadable = Counter("amana_unreadable_total", "Updates that could not be read and were put aside", ["channel"], registry=r)
        self._turns = Histogram("amana_turn_seconds", "From the arrival of an event to its commit", registry=r, buckets=LONG)
        self._alerts = Counter("amana_alerts_total", "What the engine found wrong with flows or contacts", ["reason"], registry=r)
        self._poison = Counter("amana_poison_total", "Events put aside because their turn failed", ["kind"], registry=r)
        self._media = Counter("amana_media_total", "Voice notes and attachments a caseworker opened", ["result"], registry=r)
        self._sends = Counter("amana_sends_total", "Calls to a channel by how they ended", ["channel", "result"], registry=r)
        self._given_up = Counter("amana_given_up_total", "Messages that will not be tried again, by reason", ["reason"], registry=r)
        self._crashes = Counter("amana_channel_errors_total", "Errors of a channel that it has no word for", ["kind"], registry=r)
        self._polls = Counter("amana_polls_total", "Polls of Telegram by how they ended", ["result"], registry=r)
        self._store = Histogram(
            "amana_store_seconds", "What the store takes, measured at most 50 times a second", ["op"], registry=r, buckets=SHORT
        )
        self._steady = steady
        self._said: set[tuple[str, str]] = set()
        self._barred = ""
        self._arrivals: dict[str, tuple[Counter, Counter, Counter]] = {}
        self._ends: dict[tuple[str, str], Counter] = {}
        self._rests: list[float] = []
        self._heard = steady()
        self._group, self._lost = (
            Gauge("amana_group_out_of_reach", "1 while a caseworkers' group cannot be reached", ["group", "reason"], registry=r),
            dict[str, str](),
        )
        self._notices = Gauge("amana_notice_people", "People of notices that are not over, by what became of them", ["state"], registry=r)
        self.alarms = AlarmMetrics(r)

    def begin(self, channels: Iterable[str]) -> None:
        """Count from nought for these channels, so that the first message is seen as one more."""
        for channel in {name.partition(":")[0] for name in channels}:
            self._counted(channel)
            self._ended(channel, "sent")

    # what the worker and the sender tell (bot.conversation.turning.worker.Told, bot.conversation.sending.sender.SendTold)
    def worked(self, seconds: float) -> None:
        """One turn was committed."""
        self._turns.observe(max(0.0, seconds))

    def alerted(self, reason: str, about: str) -> None:
        """Something is wrong with the flows or contacts: counted each time, said once."""
        self._alerts.labels(word(reason)).inc()
        if (reason, about) not in self._said:
            self._said.add((reason, about))
            log.warning("look at this", reason=reason, about=about)

    def poisoned(self, kind: str, error: BaseException | None = None) -> None:
        """One event was put aside."""
        self._poison.labels(word(kind)).inc()
        log.error("event put aside", kind=kind, where=places(error) if error is not None else "")

    def sent(self, channel: str, result: str, wait: float | None = None) -> None:
        """One call to a channel ended; it asked to be left alone for so many seconds."""
        channel = channel.partition(":")[0]  # groups of teams are one channel here
        (self._ends.get((channel, result)) or self._ended(channel, result)).inc()
        if wait is not None:
            heapq.heappush(self._rests, self._steady() + wait)

    def gave_up(self, reason: str) -> None:
        """One message will not be tried again."""
        self._given_up.labels(word(reason)).inc()

    def crashed(self, kind: str) -> None:
        """A channel failed without a word for it."""
        self._crashes.labels(word(kind)).inc()
        log.error("channel error", kind=kind)

    def group(self, reason: str, of: str = "") -> None:
        """The group of this name (empty: of all teams) is out of reach for this reason; empty: it is not. Said when it begins and ends."""
        name = word(of) if of else "all"
        before = self._lost.pop(name, "")
        if before:
            self._group.remove(name, before)
        if reason:
            self._lost[name] = word(reason)
            self._group.labels(name, word(reason)).set(1)
            log.error("caseworkers' group out of reach", group=name, reason=reason)
        else:
            log.info("caseworkers' group reached", group=name)

    def noticed(self, standing: Sequence["NoticeStanding"]) -> None:
        """How the notices that are not over stand (bot.conversation.notices.notices.NoticesTold)."""
        for state in ("to_come", "waiting", "sent", "left", "failed", "left_out"):
            self._notices.labels(state).set(sum(getattr(one, state) for one in standing))

    # what the channels tell (bot.channels.telegram.door.DoorTold, bot.channels.webchat.Heard)
    def arrived(self, channel: str, fresh: int, repeated: int, unreadable: int) -> None:
        """So many events came in."""
        arrivals = self._arrivals.get(channel) or self._counted(channel)
        if fresh:
            arrivals[0].inc(fresh)
        if repeated:
            arrivals[1].inc(repeated)
        if unreadable:
            arrivals[2].inc(unreadable)
        if channel == "telegram":
            self._heard = self._steady()

    def polled(self, *, ok: bool) -> None:
        """A poll of Telegram ended."""
        self._polls.labels("ok" if ok else "failed").inc()
        if not ok:
            return
        self._heard = self._steady()
        if self._barred:
            self._barred = ""
            log.info("telegram answers again")

    def barred(self, why: str) -> None:
        """Telegram did not answer as it should: said once for each reason."""
        if why != self._barred:
            self._barred = why
            log.warning("telegram does not answer", reason=why)

    def media(self, result: str) -> None:
        """A caseworker opened what a person sent: it was `given`, or why not."""
        self._media.labels(word(result)).inc()

    # what the store is measured by (bot.storage.vitals.timed)
    def stored(self, op: str) -> Callable[[float], None]:
        """Give where to put how many seconds this operation took."""
        return self._store.labels(word(op)).observe

    # what is asked when somebody looks (bot.bootstrap.gauges)
    def silence(self) -> float:
        """Give the seconds since Telegram last answered a poll, or called the webhook; since the start, if it never did."""
        return self._steady() - self._heard

    def resting(self) -> int:
        """Give how many lanes a channel has told to wait, and that still do."""
        now = self._steady()
        while self._rests and self._rests[0] <= now:
            heapq.heappop(self._rests)
        return len(self._rests)

    # labels are looked up once
    def _counted(self, channel: str) -> tuple[Counter, Counter, Counter]:
        name = word(channel)
        counted = self._accepted.labels(name), self._repeated.labels(name), self._unreadable.labels(name)
        self._arrivals[channel] = counted
        return counted

    def _ended(self, channel: str, result: str) -> Counter:
        ended = self._ends[channel, result] = self._sends.labels(word(channel), word(result))
        return ended


class AlarmMetrics:
    """What the alarms and the letters tell (bot.conversation.alerting.alarms.AlarmsTold, bot.conversation.alerting.letters.LettersTold)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        r = registry
        self._letters = Counter("amana_letters_total", "Letters to staff by how each try ended", ["result"], registry=r)
        self._waiting = Gauge("amana_letters_waiting", "Letters to staff that wait", registry=r)
        self._mail = Gauge("amana_mail_out_of_reach", "1 while the mail server takes no letters", ["reason"], registry=r)
        self._alarms = Counter("amana_alarms_total", "Lines told of a case that waits", ["line", "heard"], registry=r)
        self._errors = Counter("amana_alarm_errors_total", "Looks at who waits that failed", ["kind"], registry=r)
        meaning = "Open cases whose person waits longer than promised"
        self._late = Gauge("amana_cases_past_promise", meaning, ["state", "urgency"], registry=r)

    def letter(self, result: str) -> None:
        """One letter was tried: `sent`, or why not; `given-up`: it will not be tried again."""
        self._letters.labels(word(result)).inc()

    def letters_waiting(self, count: int) -> None:
        """So many letters wait."""
        self._waiting.set(count)

    def mail(self, why: str) -> None:
        """The mail server takes no letters for this reason; empty: it does. Said when it begins and when it ends."""
        self._mail.clear()
        if why:
            self._mail.labels(word(why)).set(1)
            log.error("letters to staff do not go out", reason=why)
        else:
            log.info("letters to staff go out")

    def alarmed(self, to: str, members: int) -> None:
        """A line was told of a case that waits; nobody may stand on it."""
        self._alarms.labels(word(to), "somebody" if members else "nobody").inc()
        if not members:
            log.warning("nobody to tell of a case that waits", about=to)

    def failed(self, error: Exception) -> None:
        """Looking at who waits failed."""
        kind = word(type(error).__name__)
        self._errors.labels(kind).inc()
        log.error("alarms failed", kind=kind, where=places(error))

    def past_promise(self, cases: Mapping[tuple[str, str], int]) -> None:
        """So many cases, by state and urgency, whose person has waited longer than promised; none: another process counts."""
        self._late.clear()
        for (state, urgency), count in cases.items():
            self._late.labels(word(state), word(urgency)).set(count)


class NoticeStanding(Protocol):
    """How a notice stands (`bot.conversation.notices.notice.Progress`)."""

    @property
    def waiting(self) -> int:
        """How many people it is laid out for and not sent to yet."""
