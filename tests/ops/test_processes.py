"""Processes as they are started: each can be watched at an address that serves nobody else, until its end."""

import asyncio
import signal
import sys
from pathlib import Path

import httpx
import pytest

from tests.cli.test_roles import ROOT, environment, running
from tests.faults.rig import free_port
from tests.redis_rig import Server

pytestmark = pytest.mark.kill


async def codes(url: str, *paths: str) -> list[int]:
    async with httpx.AsyncClient() as client:
        return [(await client.get(f"{url}{path}")).status_code for path in paths]


async def test_a_worker_listens_at_the_address_of_its_metrics_and_nowhere_else(tmp_path: Path) -> None:
    server = Server.start()
    env = environment(tmp_path, server, free_port())
    metrics = f"127.0.0.1:{free_port()}"
    try:
        # `running` waits at AMANA_LISTEN; a worker with metrics of its own is not there, so it is told where to look.
        watched = env | {"AMANA_METRICS_LISTEN": metrics}
        async with _until_ready(watched, f"http://{metrics}", "--only", "worker"):
            with pytest.raises(httpx.ConnectError):
                await codes(f"http://{env['AMANA_LISTEN']}", "/readyz")

            assert await codes(f"http://{metrics}", "/metrics", "/healthz", "/readyz", "/chat") == [200, 200, 200, 404]
    finally:
        server.end()


async def test_pages_and_metrics_have_addresses_of_their_own(tmp_path: Path) -> None:
    metrics = f"127.0.0.1:{free_port()}"
    env = environment(tmp_path, None, free_port()) | {"AMANA_METRICS_LISTEN": metrics}
    async with running(env) as pages:
        assert await codes(pages, "/metrics", "/healthz", "/readyz") == [404, 200, 200]
        assert await codes(f"http://{metrics}", "/metrics", "/healthz", "/readyz", "/chat") == [200, 200, 200, 404]


async def test_an_address_of_metrics_that_is_taken_is_said_plainly(tmp_path: Path) -> None:
    env = environment(tmp_path, None, free_port())
    async with running(env) as _pages:
        other = tmp_path / "other"
        other.mkdir()
        second = environment(other, None, free_port()) | {"AMANA_METRICS_LISTEN": env["AMANA_LISTEN"]}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=ROOT, env=second, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        _, error = await process.communicate()

    assert process.returncode == 1
    assert "AMANA_METRICS_LISTEN" in error.decode()
    assert "Traceback" not in error.decode()


class _until_ready:  # noqa: N801 used as a function
    def __init__(self, env: dict[str, str], url: str, *words: str) -> None:
        self.env, self.url, self.words = env, url, words

    async def __aenter__(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", *self.words, cwd=ROOT, env=self.env, stdout=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(30), httpx.AsyncClient() as client:
            while True:
                try:
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)

    async def __aexit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await self.process.wait() == 0
