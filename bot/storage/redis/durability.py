"""What a Redis server promises, asked of itself: how much a crash can lose, and whether it may throw data away.

Rule 1: a server that may forget what it confirmed is refused, unless the operator says in words that this is meant.
"""

from dataclasses import dataclass

from bot.ports import StoreUnavailable
from bot.storage.redis.wire import ScriptFailed, Wire

_OLDEST = (7, 0)


@dataclass(frozen=True, slots=True)
class Durability:
    """What was found. `fsync`: `always`, `everysec`, `no`, or empty when nothing is appended; `maxmemory` in bytes, 0 = no limit."""

    server: str
    version: tuple[int, ...]
    policy: str
    fsync: str
    maxmemory: int
    used: int
    replicas: int

    @property
    def loses(self) -> str:
        """Say in words what can be lost."""
        match self.fsync:
            case "always":
                return "every write is on disk before it is confirmed (appendfsync always)"
            case "everysec":
                return "nothing at a killed process, about the last second at a power cut (appendfsync everysec)"
            case "no":
                return "nothing at a killed process, some 30 seconds at a power cut (appendfsync no)"
            case _:
                return "everything since the last snapshot, even at a killed process (no append-only file)"


async def inspect(wire: Wire) -> Durability:
    """Ask the server; raises `StoreUnavailable`. A setting that it does not tell counts as the worst."""
    info = _info(await wire.command("meta", "INFO"))
    fsync = await _setting(wire, "appendfsync") if info.get("aof_enabled") == "1" else ""
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = info.get("valkey_version") or info.get("redis_version", "0")
    return Durability(
        server=f"{name} {version}", version=_numbers(info.get("redis_version", "0")), policy=info.get("maxmemory_policy", ""),
        fsync=fsync, maxmemory=int(info.get("maxmemory", "0")), used=int(info.get("used_memory", "0")),
        replicas=int(info.get("connected_slaves", "0")),
    )  # fmt: skip


def refusals(found: Durability, *, unsafe: bool) -> list[str]:
    """Give the reasons not to start, as sentences; `unsafe`: the operator has said that losing is meant."""
    said = []
    if found.version < _OLDEST:
        said.append(f"{found.server} is too old: Amana needs Redis 7.0 or Valkey.")
    if found.policy not in ("noeviction", "") and not unsafe:
        said.append(
            f"The server throws data away when its memory is full (maxmemory-policy {found.policy}). Set: maxmemory-policy noeviction"
        )
    if not found.fsync and not unsafe:
        said.append("The server forgets what it confirmed when it is killed. Set: appendonly yes, appendfsync always")
    if said and not unsafe:
        said.append("If losing messages is meant, as in a test: AMANA_STORE_UNSAFE=yes")
    return said


def _info(text: bytes) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.decode("utf-8", "replace").splitlines() if ":" in line)
    return {name: value for name, _, value in pairs}


async def _setting(wire: Wire, name: str) -> str:
    try:
        answer = await wire.command("meta", "CONFIG", "GET", name)
    except (ScriptFailed, StoreUnavailable):  # hosted servers forbid CONFIG
        return "everysec"
    return answer[1].decode() if len(answer) > 1 else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())
