"""What the servers promise, asked of themselves: how much a crash or a failover can lose, and whether they may throw data away.

Rule 1: a server that may forget what it confirmed is refused, unless the operator says in words that this is meant. This goes for
replicas too: each may be in charge tomorrow.
"""

from dataclasses import dataclass, field, replace

from bot.ports import StoreUnavailable
from bot.storage.redis.wire import Surveyed, Wire

_OLDEST = (7, 0)
_FROM_BEST = ("always", "everysec", "no", "")


@dataclass(frozen=True, slots=True)
class Durability:
    """What was found. `fsync`: `always`, `everysec`, `no`, or empty when nothing is appended; `maxmemory` in bytes, 0 = no limit.

    `replicas`: how many the server has; `least`: without how many it takes no writes. `name`: where it is, `master`: whether it is in
    charge. On the first, which speaks for all: `asked`: how many replicas have a write before it is confirmed, `others`: all other servers,
    `away`: replicas that were named and do not answer.
    """

    server: str
    version: tuple[int, ...]
    policy: str
    fsync: str
    maxmemory: int
    used: int
    replicas: int
    least: int = 0
    name: str = ""
    master: bool = True
    asked: int = 0
    others: tuple["Durability", ...] = field(default=(), repr=False)
    away: tuple[str, ...] = ()

    @property
    def all(self) -> "tuple[Durability, ...]":
        """Give every server that answered."""
        return (self, *self.others)

    @property
    def loses(self) -> str:
        """Say in words what can be lost when this server crashes."""
        match self.fsync:
            case "always":
                return "every write is on disk before it is confirmed (appendfsync always)"
            case "everysec":
                return "nothing at a killed process, about the last second at a power cut (appendfsync everysec)"
            case "no":
                return "nothing at a killed process, some 30 seconds at a power cut (appendfsync no)"
            case _:
                return "everything since the last snapshot, even at a killed process (no append-only file)"

    @property
    def failover_loses(self) -> str:
        """Say in words what can be lost when a replica takes over; empty if there is none."""
        most = max(one.replicas for one in self.all if one.master)
        if not most and not self.asked:
            return ""
        if not self.asked:
            return "what a replica had not got yet is lost when it takes over: set AMANA_STORE_REPLICAS"
        held = f"a write is confirmed when {self.asked} of {most} replicas have it"
        if self.asked > most:
            return f"{held}: nothing can be confirmed"
        if self.asked == most:
            return f"{held}: nothing is lost when one takes over, and nothing is written while one is away"
        return f"{held}: nothing is lost unless the server and those {self.asked} are lost together"


async def promised(wire: Wire, *, unsafe: bool) -> Durability:
    """Give what the servers promise; raises `StoreUnavailable` if that is too little."""
    found = await inspect(wire)
    refused = refusals(found, unsafe=unsafe)
    if refused:
        raise StoreUnavailable(" ".join(refused))
    return found


async def inspect(wire: Wire) -> Durability:
    """Ask all servers; raises `StoreUnavailable`. A setting that one does not tell counts as `everysec`."""
    found = await wire.survey()
    answered = [_durability(one, wire.replicas) for one in found if one.info]
    masters = [one for one in answered if one.master]
    worst = max(masters, key=lambda one: _FROM_BEST.index(one.fsync) if one.fsync in _FROM_BEST else len(_FROM_BEST))
    others = tuple(one for one in answered if one is not worst)
    return replace(worst, others=others, away=tuple(one.name for one in found if not one.info))


def _durability(one: Surveyed, asked: int) -> Durability:
    info = one.info
    fsync = one.settings.get("appendfsync", "everysec") if info.get("aof_enabled") == "1" else ""  # hosted servers forbid CONFIG
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = info.get("valkey_version") or info.get("redis_version", "0")
    return Durability(
        server=f"{name} {version}", version=_numbers(info.get("redis_version", "0")), policy=info.get("maxmemory_policy", ""),
        fsync=fsync, maxmemory=int(info.get("maxmemory", "0")), used=int(info.get("used_memory", "0")),
        replicas=int(info.get("connected_slaves", "0")), least=int(one.settings.get("min-replicas-to-write", "0")), name=one.name,
        master=one.master, asked=asked,
    )  # fmt: skip


def refusals(found: Durability, *, unsafe: bool) -> list[str]:
    """Give the reasons not to start, as sentences; `unsafe`: the operator has said that losing is meant."""
    said: list[str] = []
    for one in found.all:
        where = f"{one.name}: " if found.others else ""
        said += [where + why for why in _refused(one, unsafe=unsafe)]
    if said and not unsafe:
        said.append("If losing messages is meant, as in a test: AMANA_STORE_UNSAFE=yes")
    return said


def _refused(one: Durability, *, unsafe: bool) -> list[str]:
    said = []
    if one.version < _OLDEST:
        said.append(f"{one.server} is too old: Amana needs Redis 7.0 or Valkey.")
    if one.policy not in ("noeviction", "") and not unsafe:
        said.append(
            f"The server throws data away when its memory is full (maxmemory-policy {one.policy}). Set: maxmemory-policy noeviction."
        )
    if not one.fsync and not unsafe:
        said.append("The server forgets what it confirmed when it is killed. Set: appendonly yes, appendfsync always.")
    return said


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())
