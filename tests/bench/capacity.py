"""What one core, one Redis and one bot carry, and what so many people need: a model, its inputs, and the tables of docs/scaling.md.

    python -m tests.bench.capacity            print the tables
    python -m tests.bench.capacity --write    put them into docs/scaling.md

Rule 1: every number that is not computed is an input below, and says whether it was measured here, is a limit of somebody else's, or is assumed.
"""

import math
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/scaling.md"
MEASURED, LIMIT, ASSUMED = "measured", "limit", "assumed"
DAY, HOUR = 86400.0, 3600.0
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)


@dataclass(frozen=True, slots=True)
class Input:
    """One number. `where`: what it is and where it comes from."""

    value: float
    unit: str
    kind: str
    where: str


INPUTS: dict[str, Input] = {
    # ── measured: put the figures of docs/performance.md and of `python -m tests.bench.slopes` here ──
    "cpu": Input(0.46, "ms", MEASURED, "CPU of a worker for an update with two calls of the Bot API, HTTP included (docs/performance.md)"),
    "saturated": Input(2190, "/s", MEASURED, "updates that one process carries on one core (docs/performance.md)"),
    "second": Input(
        1.15, "×", ASSUMED, "CPU of an update with two workers against one: the goal (docs/performance.md: 1.09 and 1.32 on a busy machine)"
    ),
    "replies": Input(2.0, "", MEASURED, "messages sent for an update (the flows as shipped)"),
    "calls": Input(0.8, "", MEASURED, "script calls for an update, saturated (docs/performance.md)"),
    "calls_rest": Input(4.0, "", MEASURED, "script calls for an update, one at a time (slopes)"),
    "server": Input(77, "µs", MEASURED, "CPU of the Redis server for an update, saturated (slopes)"),
    "cell": Input(
        712,
        "bytes",
        MEASURED,
        "memory of the Redis server for a conversation of seven updates, all keys, message ids of 48 hours with it (slopes)",
    ),
    "appended": Input(2942, "bytes", MEASURED, "written to the server's file for an update (slopes)"),
    "fsync": Input(0.8, "ms", MEASURED, "one fsync on a busy disk (slopes: 0.5 to 1.2); a network disk takes ten times that"),
    "rest": Input(
        2.6, "ms/s", MEASURED, "CPU of the Redis server for a process at which nobody writes (slopes); the process itself uses 4.1"
    ),
    "case": Input(
        3.5,
        "µs",
        MEASURED,
        "CPU of a process for each open case, at each look at all of them on Redis: one in three seconds or more (slopes)",
    ),
    "process": Input(110, "MB", MEASURED, "memory of a process under load (docs/performance.md)"),
    # ── limits of others ──
    "bot": Input(30, "/s", LIMIT, "messages that one bot may send in a second"),
    "group": Input(20, "/min", LIMIT, "messages that one bot may send into one group in a minute"),
    "shards": Input(64, "", LIMIT, "shards of a store: no more workers than that"),
    # ── assumed: put your own service here ──
    "active": Input(5, "%", ASSUMED, "of all people known write on a day"),
    "recent": Input(20, "%", ASSUMED, "of all people known wrote in the last eight days: so long a conversation is kept"),
    "updates": Input(12, "", ASSUMED, "updates of a person on a day they write"),
    "peak": Input(12, "%", ASSUMED, "of a day's updates come in its busiest hour"),
    "burst": Input(3, "×", ASSUMED, "the busiest minute against the mean of that hour"),
    "cases": Input(2, "%", ASSUMED, "of those who write on a day ask for a person and get a case"),
    "posts": Input(6, "", ASSUMED, "messages into the caseworkers' group for a case"),
    "minutes": Input(20, "min", ASSUMED, "of a caseworker's time for a case"),
    "shift": Input(6, "h", ASSUMED, "that a caseworker answers on a day"),
    "nodes": Input(3, "", ASSUMED, "masters of a cluster"),
    "open": Input(3, "days", ASSUMED, "that a case is open"),
    # ── what is left free ──
    "margin": Input(97, "%", LIMIT, "of a limit of Telegram is used (bot/conversation/pacing/pace.py); the rest is for what delays move"),
    "busy": Input(60, "%", ASSUMED, "of a core or of a server is planned with; the rest is for bursts and for a neighbour that is gone"),
}


def _(name: str) -> float:
    given = INPUTS[name]
    return given.value / 100 if given.unit == "%" else given.value


LOOK = 0.1
"""Seconds of CPU for one look at the queue that are felt by everybody else."""
MORE_HANDS = "more caseworkers; a store for each bot"


# ── the model ──
def peak(people: float) -> float:
    """Updates a second in the busiest minute."""
    return people * _("active") * _("updates") * _("peak") / HOUR * _("burst")


def people_of(rate: float) -> float:
    """People whose busiest minute has so many updates a second."""
    return rate / peak(1.0)


def bot_rate() -> float:
    """Updates a second that one bot can answer: each asks for some messages."""
    return _("bot") * _("margin") / _("replies")


def core_rate() -> float:
    """Updates a second that one core is planned to carry."""
    return min(1000 / _("cpu"), _("saturated")) * _("busy")


def server_rate() -> float:
    """Updates a second that one Redis server is planned to carry: it runs scripts on one core."""
    return 1e6 / _("server") * _("busy")


def disk_rate(calls: float) -> float:
    """Updates of so many calls a second at which the disk of the server does little but fsync."""
    return 1000 / _("fsync") / calls * _("busy")


def bots(people: float) -> int:
    """Bots, each with an Amana of its own."""
    return math.ceil(peak(people) / bot_rate())


def workers(people: float) -> int:
    """Workers of each bot: one may always be gone."""
    return math.ceil(peak(people) / bots(people) * _("second") / core_rate()) + 1


def processes(people: float) -> int:
    """Processes of all bots: the workers, and one for pages."""
    return bots(people) * (workers(people) + 1)


def group_cases() -> float:
    """Cases an hour that one caseworkers' group can be told of."""
    return _("group") * _("margin") * 60 / _("posts")


def cases_a_day(people: float) -> float:
    return people * _("active") * _("cases")


def caseworkers(people: float) -> float:
    """Caseworkers of a day."""
    return cases_a_day(people) * _("minutes") / 60 / _("shift")


def groups(people: float) -> float:
    """Groups for the busiest hour."""
    return cases_a_day(people) * _("peak") / group_cases()


def memory(people: float) -> float:
    """Bytes of the server for the conversations kept."""
    return people * _("recent") * _("cell")


def disk(people: float) -> float:
    """Bytes of the server's file: rewritten when it has doubled, and the new one is written beside the old one."""
    return 3 * max(memory(people), 64e6)


def appended_a_day(people: float) -> float:
    return people * _("active") * _("updates") * _("appended")


# ── the simulation: how long a reply waits for its turn at Telegram ──
def waits(share: float, *, seconds: int = 4000, seed: int = 1) -> tuple[float, float]:
    """Seconds that the replies of live updates wait (half of them, 99 of 100), when so much of the bot's limit is used."""
    chance, often = random.Random(seed), share * bot_rate()
    most, replies = int(_("bot") * _("margin")), round(_("replies"))
    sent: list[float] = []
    waited: list[float] = []
    now = 0.0
    while now < seconds:
        now += chance.expovariate(often)
        for _each in range(replies):
            at = max(now, sent[-most] + 1.0 if len(sent) >= most else 0.0)
            sent.append(at)
            waited.append(at - now)
    waited.sort()
    return waited[len(waited) // 2], waited[len(waited) * 99 // 100]


# ── tables ──
Row = Sequence[str]


def _table(head: Row, rows: Sequence[Row]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def _number(value: float) -> str:
    """Three figures are more than is known."""
    if value >= 100:
        digits = int(math.log10(value)) - 1
        return f"{round(value / 10**digits) * 10**digits:,.0f}"
    if value >= 10 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 0.095 else f"{value:.2f}" if value >= 0.005 else "under 0.01"


def _bytes(value: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if value >= size:
            return f"{_number(value / size)} {unit}"
    return f"{_number(value / 1e3)} kB"


def _whole(value: float) -> str:
    return _number(max(1, math.ceil(value)))


def inputs() -> str:
    """Every number that is put in."""
    rows = [[each.where, f"{each.value:g} {each.unit}".strip(), each.kind] for each in INPUTS.values()]
    return _table(["what", "number", "kind"], rows)


def carried() -> str:
    """What one of each carries."""
    rows = [
        ["one bot: Telegram's limit", bot_rate()],
        ["one worker on one core", core_rate()],
        ["one Redis server, its core", server_rate()],
        ["one Redis server, its disk, when no call shares an fsync", disk_rate(_("calls_rest"))],
        ["one Redis server, its disk, calls shared as under load", disk_rate(_("calls"))],
        [f"a cluster of {_('nodes'):.0f} masters, their cores", server_rate() * _("nodes")],
        [f"{_('shards'):.0f} workers, as many as there are shards", core_rate() / _("second") * _("shards")],
    ]
    said = [[str(what), _number(float(rate)), _number(people_of(float(rate)))] for what, rate in rows]
    return _table(["", "updates a second", "people known"], said)


def needed() -> str:
    """What so many people need."""
    rows: list[tuple[str, Callable[[float], str]]] = [
        ("updates a day", lambda n: _number(n * _("active") * _("updates"))),
        ("updates a second in the busiest minute", lambda n: _number(peak(n))),
        ("bots, for Telegram's limit", lambda n: _number(bots(n))),
        ("cores for workers, busy", lambda n: _number(peak(n) * _("cpu") / 1000 * _("second"))),
        ("workers for each bot, one of which may be gone", lambda n: _number(workers(n))),
        ("processes of all bots", lambda n: _number(processes(n))),
        ("memory of these processes", lambda n: _bytes(processes(n) * _("process") * 1e6)),
        ("cores for Redis, busy", lambda n: _number(peak(n) * _("server") / 1e6 + processes(n) * _("rest") / 1e3)),
        ("memory of Redis", lambda n: _bytes(memory(n))),
        ("disk of Redis", lambda n: _bytes(disk(n))),
        ("written to that disk a day", lambda n: _bytes(appended_a_day(n))),
        ("cases a day", lambda n: _number(cases_a_day(n))),
        ("caseworkers' groups, for Telegram's limit", lambda n: _whole(groups(n))),
        ("caseworkers on a day", lambda n: _whole(caseworkers(n))),
    ]
    return _table(["people known", *(f"{size:,}" for size in SIZES)], [[what, *(say(size) for size in SIZES)] for what, say in rows])


def million() -> str:
    """What each further million people adds: the slopes."""
    one = 1_000_000.0
    rows = [
        ["bots", _number(peak(one) / bot_rate())],
        ["cores for workers, planned", _number(peak(one) * _("second") / core_rate())],
        ["cores for Redis, planned", _number(peak(one) / server_rate())],
        ["memory of Redis", _bytes(memory(one))],
        ["disk of Redis", _bytes(3 * memory(one))],
        ["written to that disk a day", _bytes(appended_a_day(one))],
        ["caseworkers on a day", _number(caseworkers(one))],
    ]
    return _table(["each further million people adds", ""], rows)


def breaks() -> str:
    """What is full at how many people, first things first."""
    found = [
        (people_of(bot_rate()), "one bot may send no more", "another bot: split by country, below"),
        (1 / groups(1.0), "one caseworkers' group may be told no more", "a group for each bot; the desk in the browser has no such limit"),
        (
            people_of(disk_rate(_("calls"))),
            "the disk of one Redis server does little but fsync",
            "a disk that takes writes faster; a server for each bot",
        ),
        (people_of(server_rate()), "one Redis server is busy", "a server for each bot"),
        (people_of(core_rate()), "one worker is busy", "a second worker"),
        (8e9 / memory(1.0), "a server with 8 GB of memory is full", "more memory"),
        (LOOK / (cases_a_day(1.0) * _("open") * _("case") / 1e6), "a look at the desk's queue on Redis takes 0.1 s", MORE_HANDS),
        (10 / caseworkers(1.0), "ten caseworkers have their hands full", "more caseworkers, or shorter hours promised in flows/teams.yaml"),
    ]
    rows = [[_number(people), what, then] for people, what, then in sorted(found)]
    return _table(["people known", "what is full", "what helps"], rows)


def queue() -> str:
    """How long replies wait near the limit of one bot."""
    shares = (0.5, 0.7, 0.8, 0.9, 0.95)
    simulated = [(share, *waits(share)) for share in shares]
    rows = [[f"{share:.0%}", _number(people_of(share * bot_rate())), f"{half:.1f} s", f"{most:.1f} s"] for share, half, most in simulated]
    return _table(
        ["used of one bot's limit in the busiest minute", "people known", "half wait less than", "99 of 100 wait less than"], rows
    )


def notice() -> str:
    """How long a notice to many takes."""
    rate = _("bot") * _("margin")
    rows = [[f"{size:,}", _long(size / rate), _long(size / rate / 5)] for size in (1000, *SIZES)]
    return _table(["a notice to", "by one bot", "by five bots at once"], rows)


def _long(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return (
        f"{seconds / 60:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h" if seconds < 2 * DAY else f"{seconds / DAY:.1f} days"
    )


TABLES: dict[str, Callable[[], str]] = {
    "inputs": inputs, "carried": carried, "needed": needed, "million": million, "breaks": breaks, "queue": queue, "notice": notice,
}  # fmt: skip


def written(page: str) -> str:
    """Give the page with every table as it is now."""
    for name, table in TABLES.items():
        before, mark, rest = page.partition(f"<!-- table: {name} -->\n")
        _old, end, after = rest.partition("\n<!-- end -->")
        if not mark or not end:
            raise ValueError(f"docs/scaling.md has no place for the table {name}")
        page = before + mark + table() + end + after
    return page


def main(words: Sequence[str]) -> None:
    if "--write" in words:
        PAGE.write_text(written(PAGE.read_text("utf-8")), encoding="utf-8")
        return
    for table in TABLES.values():
        print(table() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
