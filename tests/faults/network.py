"""Places with kernels' networks of their own, and lines between them that fail: network namespaces, joined by a switch that loses packets.

Rule 1: nothing outlives the test: a place lives as long as the process that holds it, a device as long as the switch.
Rule 2: where a fault is over, nobody is told of that either.
"""

import asyncio
import ctypes
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.houses import die_with_us

ROOT = Path(__file__).parents[2]
HOME = "home"
"""Where the test and the services are: the machine as it is."""
_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
Pair = tuple[str, str]


def why_not() -> str:
    """Say why no network can be made here; empty if one can."""
    if os.geteuid():
        return "making networks needs root"
    if not shutil.which("ip"):
        return "making networks needs the program ip (Debian: iproute2)"
    if not Path("/dev/net/tun").exists():
        return "making networks needs /dev/net/tun"
    try:
        subprocess.run(["true"], preexec_fn=_alone, check=True)
    except (OSError, subprocess.SubprocessError):
        return "this system lets nobody make a network namespace"
    return ""


class Network:
    """Some places and `HOME`, each with two addresses of one subnet."""

    def __init__(self, *places: str) -> None:
        self.places = (HOME, *places)
        chance = random.SystemRandom()
        self._subnet = f"198.{chance.choice((18, 19))}.{chance.randrange(256)}"  # kept free for measuring (RFC 2544)
        self._holders: dict[str, subprocess.Popen[bytes]] = {}
        self._switch: subprocess.Popen[bytes] | None = None
        self._cut: set[Pair] = set()
        self._slow: dict[str, float] = {}
        self.lost = 0
        """Packets lost until now."""

    def at(self, place: str, which: int = 0) -> str:
        """Give an address of a place. `which`: the second one is there for whoever is cut off alone."""
        return f"{self._subnet}.{10 * (self.places.index(place) + 1) + which}"

    # ── making it ──
    def start(self) -> None:
        """Make the places and the lines between them."""
        devices = {f"am{os.getpid()}n{n}": place for n, place in enumerate(self.places)}
        told = {device: [self.at(place), self.at(place, 1)] for device, place in devices.items()}
        words = [sys.executable, "-m", "tests.faults.switch", json.dumps(told)]
        pipe = subprocess.PIPE
        self._switch = subprocess.Popen(words, cwd=ROOT, stdin=pipe, stdout=pipe, preexec_fn=die_with_us)
        assert self._heard() == {"ready": True}
        for place in self.places[1:]:
            self._holders[place] = subprocess.Popen(["sleep", "infinity"], preexec_fn=_alone)
        for device, place in devices.items():
            if place != HOME:
                self._do(HOME, f"link set {device} netns {self._holders[place].pid}")
                self._do(place, "link set lo up")
            for which in (0, 1):
                self._do(place, f"address add {self.at(place, which)}/24 dev {device}")
            self._do(place, f"link set {device} up")

    def _do(self, place: str, words: str) -> None:
        subprocess.run(["ip", *words.split()], preexec_fn=self.inside(place), check=True)

    def inside(self, place: str) -> Callable[[], None]:
        """Give what a process does before it begins, so that it lives in this place and dies with the test."""
        return partial(_enter, self._namespace(place)) if place != HOME else die_with_us

    def door(self, place: str) -> socket.socket:
        """Give a socket that listens there, for a server of this process."""
        made: list[socket.socket] = []

        def make() -> None:  # only the thread is in that place
            _go(self._namespace(place))
            made.append(socket.create_server((self.at(place), 80)))

        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        return made[0]

    def _namespace(self, place: str) -> str:
        return f"/proc/{self._holders[place].pid}/ns/net"

    def end(self) -> None:
        """Take it all away."""
        if self._switch is not None:
            self._switch.kill()
            self._switch.communicate()
        for process in self._holders.values():
            process.kill()
            process.wait()

    # ── its faults ──
    def both(self, one: Iterable[str], other: Iterable[str]) -> set[Pair]:
        """Give all ways between two groups of places, there and back."""
        there = self.ways(one, other)
        return there | {(to, start) for start, to in there}

    def ways(self, one: Iterable[str], other: Iterable[str]) -> set[Pair]:
        """Give all ways from one group of places to another."""
        others = tuple(other)
        return {(self.at(a, m), self.at(b, n)) for a in one for b in others for m in (0, 1) for n in (0, 1)}

    async def cut(self, pairs: Iterable[Pair]) -> None:
        """Lose what goes these ways (addresses from, to), and nothing else."""
        self._cut = set(pairs)
        await self._told()

    async def mend(self) -> None:
        """Lose nothing, delay nothing."""
        self._cut, self._slow = set(), {}
        await self._told()

    async def slow(self, **how: float) -> None:
        """Delay every packet by `delay` seconds and up to `spread` more, and lose this part of them (`loss`)."""
        self._slow = how
        await self._told()

    async def _told(self) -> None:
        assert self._switch is not None
        assert self._switch.stdin is not None
        self._switch.stdin.write(json.dumps({"cut": sorted(self._cut), **self._slow}).encode() + b"\n")
        self._switch.stdin.flush()
        self.lost += (await asyncio.to_thread(self._heard))["lost"]

    def _heard(self) -> dict[str, Any]:
        assert self._switch is not None
        assert self._switch.stdout is not None
        return dict(json.loads(self._switch.stdout.readline()))


def _alone() -> None:
    die_with_us()
    if _libc.unshare(_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")


def _enter(namespace: str) -> None:
    die_with_us()
    _go(namespace)


def _go(namespace: str) -> None:
    place = os.open(namespace, os.O_RDONLY)
    try:
        if _libc.setns(place, _NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(place)


def others(places: Sequence[str], but: str) -> list[str]:
    """Give all places but one."""
    return [place for place in places if place != but]
