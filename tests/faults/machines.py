"""Servers on machines of their own: one, three with sentinels, three that are a cluster; each machine is a place of a network.

Rule 1: the test asks them over socket files, which no fault of the network reaches.
"""

import asyncio
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.faults.network import Network
from tests.redis_groups import SLOTS, ask, info, until
from tests.redis_rig import Server, binary

PORT, SECOND, WATCHES = 6379, 6380, 26379
UNWELL_AFTER = 2000
"""Milliseconds after which sentinels, and nodes of a cluster, think that one is away."""
THREE = ("a", "b", "c")
OPEN = ("--bind", "0.0.0.0", "--protected-mode", "no", "--repl-diskless-sync-delay", "0")


async def holds(true: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until it holds, while everybody goes on."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(true):
            await asyncio.sleep(0.02)


class Alone:
    """One server on a machine of its own."""

    waits = 6.0
    lease: float | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.network = Network("a")
        self.which = 0
        """By which of its addresses it is reached."""

    @property
    def url(self) -> str:
        return f"redis://{self.network.at('a', self.which)}:{PORT}"

    async def start(self) -> None:
        await asyncio.to_thread(self.network.start)
        self.server = Server.start("--port", str(PORT), *OPEN, inside=self.network.inside("a"))

    async def stop(self) -> None:
        if hasattr(self, "server"):
            self.server.end()
        self.network.end()


class Machines:
    """Three machines. `servers`: by place and port; `replicas`: how many must have a write."""

    waits = 10.0
    lease: float | None = None

    def __init__(self, folder: Path, replicas: int) -> None:
        self.folder = folder
        self.env = {"AMANA_STORE_REPLICAS": str(replicas)}
        self.network = Network(*THREE)
        self.servers: dict[tuple[str, int], Server] = {}

    def serve(self, place: str, port: int, *options: str) -> str:
        """Start a server there; gives its socket."""
        at = self.network.at(place)
        words = ("--port", str(port), *OPEN, "--replica-announce-ip", at, "--repl-timeout", "3", *options)
        self.servers[place, port] = Server.start(*words, inside=self.network.inside(place))
        return self.servers[place, port].socket

    async def start(self) -> None:
        await asyncio.to_thread(self.network.start)
        await asyncio.to_thread(self.join)

    def join(self) -> None:
        """Make the servers know each other."""
        raise NotImplementedError

    async def stop(self) -> None:
        for server in self.servers.values():
            server.end()
        self.network.end()


class WatchedMachines(Machines):
    """A master and two replicas, each with a sentinel beside it."""

    def __init__(self, folder: Path, replicas: int = 1) -> None:
        super().__init__(folder, replicas)
        self.sentinels: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(f'{self.network.at(place)}:{WATCHES}' for place in THREE)}/amana"

    def join(self) -> None:
        """As an operator would: replicas first, then who watches."""
        first = self.serve("a", PORT)
        for place in THREE[1:]:
            self.serve(place, PORT, "--replicaof", f"{self.network.at('a')} {PORT}")
        until(lambda: info(first).get("connected_slaves") == "2", 15, "the replicas do not come")
        for place in THREE:
            home = self.folder / f"sentinel-{place}"
            home.mkdir(parents=True)
            (home / "conf").write_text(
                f"port {WATCHES}\nunixsocket {home}/s\nbind 0.0.0.0\nprotected-mode no\ndir {home}\nlogfile {home}/log\n"
                f"sentinel monitor amana {self.network.at('a')} {PORT} 2\nsentinel down-after-milliseconds amana {UNWELL_AFTER}\n"
                f"sentinel failover-timeout amana 2000\nsentinel parallel-syncs amana 2\n"
            )
            words = [binary(), str(home / "conf"), "--sentinel"]
            quiet = subprocess.DEVNULL
            self.sentinels[place] = subprocess.Popen(words, stdout=quiet, stderr=quiet, preexec_fn=self.network.inside(place))
        until(lambda: all(self.told(place).get("num-other-sentinels") == "2" for place in THREE), 20, "the sentinels do not meet")
        until(lambda: all(self.told(place).get("num-slaves") == "2" for place in THREE), 20, "the sentinels find no replicas")

    async def stop(self) -> None:
        for process in self.sentinels.values():
            process.kill()
            process.wait()
        await super().stop()

    def told(self, place: str) -> dict[str, str]:
        """What the sentinel of this place says of the master."""
        words = ask(f"{self.folder}/sentinel-{place}/s", "SENTINEL", "MASTER", "amana")
        return dict(zip(words[::2], words[1::2], strict=True)) if isinstance(words, list) else {}

    def master(self) -> str:
        """Where the master is, as most sentinels say it."""
        told = Counter(self.told(place).get("ip") for place in THREE)
        return next(place for place in THREE if self.network.at(place) == told.most_common(1)[0][0])

    def able(self, instead: str) -> bool:
        """Whether another than this one is master to two sentinels and to itself, and has a replica that confirms."""
        place = self.master()
        known = info(self.servers[place, PORT].socket) if place != instead else {}
        replicas = [value for name, value in known.items() if name.startswith("slave") and "state=online" in value]
        told = [self.told(one) for one in THREE if one != instead]
        well = all(one.get("flags") == "master" for one in told)
        return known.get("role") == "master" and bool(replicas) and well

    def whole(self) -> bool:
        """Whether both others follow the master again, and everybody agrees who that is."""
        told = [self.told(place) for place in THREE]
        known = info(self.servers[self.master(), PORT].socket)
        replicas = [value for name, value in known.items() if name.startswith("slave") and "state=online" in value]
        return len({one.get("ip") for one in told}) == 1 and len(replicas) == 2 and all(one.get("flags") == "master" for one in told)


class ClusterMachines(Machines):
    """A master on each machine, and beside it the replica of its neighbour's."""

    def __init__(self, folder: Path, replicas: int = 1) -> None:
        super().__init__(folder, replicas)

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'{self.network.at(place)}:{PORT}' for place in THREE)}"

    def join(self) -> None:
        """Meet, divide the slots, and give each master a replica on the next machine."""
        more = ("--cluster-enabled", "yes", "--cluster-node-timeout", str(UNWELL_AFTER), "--cluster-replica-validity-factor", "0")
        more += ("--cluster-require-full-coverage", "no")
        sockets = {(place, port): self.serve(place, port, *more) for port in (PORT, SECOND) for place in THREE}
        for n, (at, line) in enumerate(sockets.items()):
            assert ask(line, "CLUSTER", "SET-CONFIG-EPOCH", n + 1) == "OK", at
            assert ask(line, "CLUSTER", "MEET", self.network.at("a"), PORT) == "OK"
        for n, place in enumerate(THREE):
            first, last = n * SLOTS // 3, (n + 1) * SLOTS // 3 - 1
            assert ask(sockets[place, PORT], "CLUSTER", "ADDSLOTSRANGE", first, last) == "OK"
        until(lambda: all(str(ask(line, "CLUSTER", "NODES")).count(" connected") == 6 for line in sockets.values()), 20, "they do not meet")
        for n, place in enumerate(THREE):
            master = ask(sockets[THREE[(n + 1) % 3], PORT], "CLUSTER", "MYID")
            assert ask(sockets[place, SECOND], "CLUSTER", "REPLICATE", master) == "OK"
        until(self.whole, 20, "the cluster does not come up")

    def masters(self) -> set[tuple[str, int]]:
        """Where the masters are."""
        return {at for at, server in self.servers.items() if info(server.socket).get("role") == "master"}

    def whole(self) -> bool:
        """The same, on three machines: who was replaced takes over again."""
        replaced = [self.servers[place, PORT].socket for place in THREE if (place, PORT) not in self.masters()]
        for line in replaced:
            ask(line, "CLUSTER", "FAILOVER")
        return not replaced and self.paired()

    def paired(self) -> bool:
        """Whether all find it well, and there are three masters with a replica each."""
        well = all("cluster_state:ok" in str(ask(server.socket, "CLUSTER", "INFO")) for server in self.servers.values())
        told = [info(server.socket) for server in self.servers.values()]
        return well and Counter((one.get("role"), one.get("connected_slaves")) for one in told) == {("master", "1"): 3, ("slave", "0"): 3}

    def able(self, instead: str) -> bool:
        """Whether another machine has taken over what this one had: who did has no replica until the line is back."""
        alive = self.servers[next(place for place in THREE if place != instead), PORT].socket
        owners = {host for _, _, (host, *_), *_ in ask(alive, "CLUSTER", "SLOTS") or ()}
        return bool(owners) and self.network.at(instead) not in owners
