"""Where the servers are: what `AMANA_STORE` says, read.

Rule 1: a password never enters an error.
"""

from dataclasses import replace
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

from bot.storage.redis.cluster import ClusterWire
from bot.storage.redis.sentinel import SentinelWire, SingleWire
from bot.storage.redis.wire import Address

KINDS = ("redis://", "rediss://", "unix://", "redis+sentinel://", "rediss+sentinel://", "redis+cluster://", "rediss+cluster://")
SENTINEL_PORT = 26379
PORT = 6379
AnyWire: TypeAlias = SingleWire | SentinelWire | ClusterWire


class BadAddress(ValueError):
    """This is no address of a Redis server; the text says why."""


def address(url: str) -> Address:
    """Give the address in `redis://[user:password@]host[:port][/db]`, `rediss://…` or `unix://[user:password@]/path[?db=n]`.

    Raises `BadAddress`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or PORT
    except ValueError:
        raise BadAddress("the port is no number") from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme == "unix":
        database = parts.query.removeprefix("db=") or "0"
        if parts.hostname or not parts.path.startswith("/") or not database.isdecimal():
            raise BadAddress("a socket is written unix:///path/to/redis.sock, with ?db=1 for another database")
        return Address(path=parts.path, db=int(database), user=user, password=password)
    database = parts.path.strip("/") or "0"
    if parts.scheme not in ("redis", "rediss") or not parts.hostname or not database.isdecimal():
        raise BadAddress("a server is written redis://host:6379/0, with rediss for TLS")
    return Address(host=parts.hostname, port=port, db=int(database), user=user, password=password, tls=parts.scheme == "rediss")


def sentinels(url: str) -> tuple[list[Address], str, Address]:
    """Give the sentinels, the master's name, and what its address has beside host and port; raises `BadAddress`.

    In `redis+sentinel://[user:password@]host[:port],host[:port]/NAME[/db]`, or `rediss+sentinel://…`.
    """
    asked, path = _many(url, SENTINEL_PORT)
    name, _, database = path.partition("/")
    if not name or not (database or "0").isdecimal():
        raise BadAddress("sentinels are written redis+sentinel://host:26379,host:26379/NAME/0, where NAME is what they call the master")
    return asked, unquote(name), replace(asked[0], db=int(database or 0))


def seeds(url: str) -> list[Address]:
    """Give nodes of the cluster in `redis+cluster://[user:password@]host[:port],host[:port]`, or `rediss+…`; raises `BadAddress`."""
    asked, path = _many(url, PORT)
    if path not in ("", "0"):
        raise BadAddress("a cluster has no database but 0, and is written redis+cluster://host:6379,host:6379")
    return asked


def _many(url: str, port: int) -> tuple[list[Address], str]:
    scheme, _, rest = url.partition("://")
    before, at, after = rest.rpartition("@")
    user, _, password = before.partition(":") if at else ("", "", "")
    hosts, _, path = after.partition("/")
    tls = scheme.startswith("rediss")
    given = [_one(one.strip(), port) for one in hosts.split(",")]
    return [Address(host, at_, user=unquote(user), password=unquote(password), tls=tls) for host, at_ in given], path.strip("/")


def _one(text: str, port: int) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        given = parts.port
    except ValueError:
        raise BadAddress("a port is no number") from None
    if not parts.hostname or parts.path or parts.query:
        raise BadAddress("hosts are written host:port, with a comma between two")
    return parts.hostname, given or port


def wire_for(url: str, *, replicas: int = 0, disk: bool = True) -> AnyWire:
    """Give a wire to this address, not yet open; raises `BadAddress`.

    `replicas`: how many must have a write before it is confirmed; `disk`: on their disks, where the server can tell.
    """
    kind = url.partition("://")[0].partition("+")[2]
    if kind == "sentinel":
        asked, name, data = sentinels(url)
        return SentinelWire(asked, name, data, replicas=replicas, disk=disk)
    if kind == "cluster":
        return ClusterWire(seeds(url), replicas=replicas, disk=disk)
    return SingleWire(address(url), replicas=replicas, disk=disk)
