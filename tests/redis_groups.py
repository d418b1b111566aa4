"""Groups of real Redis servers for tests, on ports of the loopback: a master with replicas and sentinels, and a cluster.

Rule 1: every server is a process of its own, in a folder of its own, and ends with the test process.
"""

import asyncio
import atexit
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import hiredis

from tests.redis_rig import Server, binary

DOWN_AFTER = 700
"""Milliseconds after which nodes of a cluster think that one is away."""
UNWELL_AFTER = 2000
"""The same of sentinels. They ask a master that is new to them only after a second: with less than that each thinks for a moment that it is
away, and remembers for five seconds that the others thought so of the one before. On a busy machine they then replaced it again at once.
"""
ONCE_MORE = 12.0
"""Seconds that it takes when they do: sentinels leave a former master that is well alone for eight, before they tell it whom to follow, and
until then the new one has no replica."""
SLOTS = 16384


def free_ports(count: int) -> list[int]:
    """Give ports that nobody listens at."""
    lines = []
    found: list[int] = []
    while len(found) < count:
        line = socket.socket()
        lines.append(line)
        line.bind(("127.0.0.1", 0))
        found.append(line.getsockname()[1])
    for line in lines:
        line.close()
    return found


def _line(at: int | str, seconds: float) -> socket.socket:
    if isinstance(at, int):
        return socket.create_connection(("127.0.0.1", at), timeout=seconds)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(seconds)
    line.connect(at)
    return line


def ask(at: int | str, *words: str | int, seconds: float = 2.0) -> Any:
    """Ask a server one thing, at its port or its socket; None when it does not answer."""
    with suppress(OSError), _line(at, seconds) as line:
        line.sendall(hiredis.pack_command(words))
        reader = hiredis.Reader(encoding="utf-8", errors="replace")
        while (reply := reader.gets()) is False:
            data = line.recv(65536)
            if not data:
                return None
            reader.feed(data)
        return reply
    return None


def until(holds: Callable[[], Any], seconds: float, what: str) -> None:
    """Wait until it holds."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, what
        time.sleep(0.02)


def info(at: int | str) -> dict[str, str]:
    """What a server says of itself, empty when it does not answer."""
    text = ask(at, "INFO", seconds=0.5)
    return dict(row.split(":", 1) for row in text.splitlines() if ":" in row) if isinstance(text, str) else {}


def served(port: int, *options: str, program: str = "") -> Server:
    """A server at this port."""
    return Server.start("--port", str(port), "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0", *options, program=program)


class Sentinel:
    """One sentinel."""

    def __init__(self, port: int, master: int, program: str) -> None:
        self.port = port
        self.folder = Path(tempfile.mkdtemp(prefix="amana-sentinel-"))
        conf = self.folder / "sentinel.conf"
        conf.write_text(
            f"port {port}\nbind 127.0.0.1\ndir {self.folder}\nlogfile {self.folder}/log\n"
            f"sentinel monitor amana 127.0.0.1 {master} 2\nsentinel down-after-milliseconds amana {UNWELL_AFTER}\n"
            f"sentinel failover-timeout amana 2000\nsentinel parallel-syncs amana 2\n"
        )
        self.process = subprocess.Popen([program, str(conf), "--sentinel"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.end)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        atexit.unregister(self.end)


@dataclass
class Watched:
    """A master, two replicas, three sentinels. `servers`: by port."""

    servers: dict[int, Server]
    sentinels: list[Sentinel]
    options: tuple[str, ...] = ()

    @classmethod
    def start(cls, *options: str, program: str = "") -> "Watched":
        first, *others = ports = free_ports(3)
        servers = {first: served(first, *options, program=program)}
        for port in others:
            servers[port] = served(port, "--replicaof", f"127.0.0.1 {first}", *options, program=program)
        until(lambda: info(first).get("connected_slaves") == "2", 15, "the replicas do not come")
        sentinels = [Sentinel(port, first, program or binary()) for port in free_ports(3)]
        group = cls(servers, sentinels, options)
        until(group._known, 20, "the sentinels do not find each other")
        assert ports
        return group

    def _known(self) -> bool:
        told = [ask(one.port, "SENTINEL", "MASTER", "amana") for one in self.sentinels]
        fields = [dict(zip(one[::2], one[1::2], strict=True)) for one in told if isinstance(one, list)]
        return len(fields) == 3 and all(
            (one["num-slaves"], one["num-other-sentinels"], one["flags"]) == ("2", "2", "master") for one in fields
        )

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(f'127.0.0.1:{one.port}' for one in self.sentinels)}/amana"

    @property
    def master(self) -> int:
        """The port of the master, as the sentinels see it."""
        return int(ask(self.sentinels[0].port, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "amana")[1])

    def others(self, port: int) -> list[int]:
        return [one for one in self.servers if one != port]

    def follow(self, port: int) -> None:
        """Let one that is back follow the master, as the sentinels would have it some ten seconds later."""
        ask(port, "REPLICAOF", "127.0.0.1", self.master)

    async def elected(self, instead: int, seconds: float = 20.0 + 2 * ONCE_MORE) -> int:
        """Wait until another is master, all sentinels say so, and a replica follows it that can confirm; give its port."""

        def named() -> int:
            told = {str(ask(one.port, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "amana")) for one in self.sentinels}
            port = self.master
            known = info(port) if len(told) == 1 and port != instead else {}
            followed = any(name.startswith("slave") and "state=online" in value for name, value in known.items())
            return port if followed and known.get("role") == "master" else 0

        async with asyncio.timeout(seconds):
            while not (port := await asyncio.to_thread(named)):
                await asyncio.sleep(0.02)
        return port

    def able(self) -> str:
        """Name the master and its term if it can confirm a message now, else give an empty word.

        That is: two sentinels find it well, none replaces it, it thinks itself that it is master, and a replica follows it.
        """
        told = [ask(one.port, "SENTINEL", "MASTER", "amana") for one in self.sentinels]
        fields = [dict(zip(one[::2], one[1::2], strict=True)) for one in told if isinstance(one, list)]
        named = Counter((int(one["config-epoch"]), int(one["port"])) for one in fields if one["flags"] == "master")
        (term, port), agreeing = named.most_common(1)[0] if named else ((0, 0), 0)
        replaced = any(one["port"] == str(port) and "failover" in one["flags"] for one in fields)
        known = info(port) if agreeing > 1 and not replaced else {}
        followed = any(name.startswith("slave") and "state=online" in value for name, value in known.items())
        return f"{port} in {term}" if followed and known.get("role") == "master" else ""

    async def able_for(self, holds: Callable[[], bool], seconds: float = 20.0 + 4 * ONCE_MORE) -> float:
        """Wait until it holds, and give for how long the same master could have confirmed by then.

        A master that was replaced once more meanwhile, or lost its replica, is the sentinels' affair: nothing may be confirmed there.
        """
        able, since = "", monotonic()
        async with asyncio.timeout(seconds):
            while not holds():
                now = await asyncio.to_thread(self.able)
                if now != able:
                    able, since = now, monotonic()
                await asyncio.sleep(0.01)
        return monotonic() - since if able else 0.0

    async def whole(self, seconds: float = 30.0 + 2 * ONCE_MORE) -> None:
        """Wait until both others follow the master, and are known to the sentinels as well."""

        def follow() -> bool:
            told = info(self.master)
            rows = [value for name, value in told.items() if name.startswith("slave") and "state=online" in value]
            return told.get("role") == "master" and len(rows) == 2 and self._known()

        async with asyncio.timeout(seconds):
            while not await asyncio.to_thread(follow):
                await asyncio.sleep(0.05)

    def end(self) -> None:
        for sentinel in self.sentinels:
            sentinel.end()
        for server in self.servers.values():
            server.end()


@dataclass
class Cluster:
    """Three masters, each with so many replicas. `servers`: by port, masters first."""

    servers: dict[int, Server] = field(default_factory=dict)

    @classmethod
    def start(cls, replicas: int = 0, *options: str, program: str = "") -> "Cluster":
        ports = free_ports(6 + 6 * replicas)
        half = len(ports) // 2
        more = ("--cluster-enabled", "yes", "--cluster-node-timeout", str(DOWN_AFTER), "--cluster-replica-validity-factor", "0", *options)
        servers = {
            port: served(port, *more, "--cluster-port", str(bus), program=program) for port, bus in zip(ports, ports[half:], strict=False)
        }
        group = cls(servers)
        group._join(dict(zip(ports, ports[half:], strict=False)), replicas)
        return group

    def _join(self, buses: dict[int, int], replicas: int) -> None:
        ports = list(self.servers)
        masters = ports[:3]
        for n, port in enumerate(ports):
            assert ask(port, "CLUSTER", "SET-CONFIG-EPOCH", n + 1) == "OK"
            assert ask(port, "CLUSTER", "MEET", "127.0.0.1", ports[0], buses[ports[0]]) == "OK"
        for n, port in enumerate(masters):
            assert ask(port, "CLUSTER", "ADDSLOTSRANGE", n * SLOTS // 3, (n + 1) * SLOTS // 3 - 1) == "OK"
        until(lambda: all(self._nodes(port) == len(ports) for port in ports), 20, "the nodes do not meet")
        for n, port in enumerate(ports[3:]):
            assert ask(port, "CLUSTER", "REPLICATE", ask(masters[n % 3], "CLUSTER", "MYID")) == "OK"
        until(self.well, 20, "the cluster does not come up")
        until(lambda: all(info(port).get("connected_slaves") == str(replicas) for port in masters), 20, "the replicas do not come")

    def _nodes(self, port: int) -> int:
        return str(ask(port, "CLUSTER", "NODES")).count(" connected")

    def well(self) -> bool:
        return all("cluster_state:ok" in str(ask(port, "CLUSTER", "INFO")) for port in self.servers)

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'127.0.0.1:{port}' for port in self.servers)}"

    def owners(self, but: int) -> set[int]:
        """Who has slots, as another than this one says."""
        alive = next(port for port in self.servers if port != but)
        return {port for _, _, (_, port, *_), *_ in ask(alive, "CLUSTER", "SLOTS")}

    def follows(self, port: int) -> bool:
        """Whether a node has become a replica that is up to date."""
        told = info(port)
        return (told.get("role"), told.get("master_link_status")) == ("slave", "up")

    def empty(self) -> None:
        """Delete everything."""
        for port in self.masters:
            assert ask(port, "FLUSHALL") == "OK"

    @property
    def masters(self) -> list[int]:
        return [port for port in self.servers if info(port).get("role") == "master"]

    def end(self) -> None:
        for server in self.servers.values():
            server.end()
