"""Where the servers are: what `AMANA_STORE` says, read.

Rule 1: a password never enters an error.
"""

from urllib.parse import unquote, urlsplit

from bot.storage.redis.wire import Address, SingleWire

KINDS = ("redis://", "rediss://", "unix://")


class BadAddress(ValueError):
    """This is no address of a Redis server; the text says why."""


def address(url: str) -> Address:
    """Give the address in `redis://[user:password@]host[:port][/db]`, `rediss://…` or `unix://[user:password@]/path[?db=n]`.

    Raises `BadAddress`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 6379
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


def wire_for(url: str) -> SingleWire:
    """Give a wire to this address, not yet open; raises `BadAddress`."""
    return SingleWire(address(url))
