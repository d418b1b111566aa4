"""Carries packets between the places of a network, in a process of its own: late, or not at all, as it is told.

    python -m tests.faults.switch '{"DEVICE": ["ADDRESS", ...], ...}'

Each place has a device whose other end is here, so what is lost are packets of real kernels: no line is closed by it, nobody is told, and
each kernel sends again as it does in life.

Rule 1: orders come as JSON lines on standard input and replace all that was said before; each is answered by what was carried and lost
since the last one.
"""

import asyncio
import fcntl
import json
import os
import random
import socket
import struct
import sys
from functools import partial
from typing import Any

TUNSETIFF = 0x400454CA
A_DEVICE_OF_PACKETS = 0x0001 | 0x1000
LARGEST = 65_536
AT_ONCE = 64
"""Packets that are read of one device before the others have their turn."""


class Switch:
    """`doors`: of each address, the device behind which it lives."""

    def __init__(self, devices: dict[str, list[str]]) -> None:
        self.doors: dict[bytes, int] = {}
        self._cut: set[tuple[bytes, bytes]] = set()
        self._delay = self._spread = self._loss = 0.0
        self._chance = random.Random(7)
        self.carried = self.lost = 0
        for name, addresses in devices.items():
            door = opened(name)
            self.doors |= {socket.inet_aton(address): door for address in addresses}

    def order(self, cut: list[tuple[str, str]], delay: float = 0.0, spread: float = 0.0, loss: float = 0.0) -> None:
        """Lose all packets of these pairs (from, to), and of all others this part; deliver the rest so much later, up to `spread` more."""
        self._cut = {(socket.inet_aton(one), socket.inet_aton(other)) for one, other in cut}
        self._delay, self._spread, self._loss = delay, spread, loss

    def hear(self, door: int) -> None:
        """Take what comes out of a place."""
        for _ in range(AT_ONCE):
            try:
                packet = os.read(door, LARGEST)
            except BlockingIOError:
                return
            if packet[0] >> 4 == 4:
                self._pass(packet)

    def _pass(self, packet: bytes) -> None:
        there = self.doors.get(packet[16:20])
        if there is None or (packet[12:16], packet[16:20]) in self._cut or (self._loss and self._chance.random() < self._loss):
            self.lost += 1
            return
        self.carried += 1
        late = self._delay + (self._chance.uniform(0.0, self._spread) if self._spread else 0.0)
        if late:
            asyncio.get_running_loop().call_later(late, put, there, packet)
        else:
            put(there, packet)


def put(door: int, packet: bytes) -> None:
    """Bring a packet into a place; one whose device is gone takes none."""
    try:
        os.write(door, packet)
    except OSError:
        return


def opened(name: str) -> int:
    """Make a device of this name, and give our end of it."""
    door = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(door, TUNSETIFF, struct.pack("16sH22x", name.encode(), A_DEVICE_OF_PACKETS))
    return door


async def serve(devices: dict[str, list[str]]) -> None:
    """Carry until the input ends."""
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(partial(asyncio.StreamReaderProtocol, reader), sys.stdin)
    switch = Switch(devices)
    for door in set(switch.doors.values()):
        loop.add_reader(door, switch.hear, door)
    say(ready=True)
    while line := await reader.readline():
        switch.order(**json.loads(line))
        say(carried=switch.carried, lost=switch.lost)
        switch.carried = switch.lost = 0


def say(**what: Any) -> None:
    """Report one line."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))
