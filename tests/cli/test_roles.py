"""One service in several processes on one Redis: one serves pages, another works."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.faults.rig import free_port
from tests.redis_rig import Server

ROOT = Path(__file__).parents[2]
SAFE = "écrire"
"""In the first question, whether one may write safely; the page itself does not ask that."""


def environment(folder: Path, server: Server | None, port: int) -> dict[str, str]:
    store = f"unix://{server.socket}" if server else f"sqlite:///{folder}/data/amana.db"
    return {
        "PATH": os.environ["PATH"], "AMANA_STORE": store, "AMANA_KEYS": f"{folder}/keys", "AMANA_FLOWS": str(ROOT),
        "AMANA_LISTEN": f"127.0.0.1:{port}",
    }  # fmt: skip


@asynccontextmanager
async def running(env: dict[str, str], *words: str) -> AsyncIterator[str]:
    """One process; gives its address once it is ready, and ends it well."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", *words, cwd=ROOT, env=env, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    url = f"http://{env['AMANA_LISTEN']}"
    try:
        async with asyncio.timeout(30), httpx.AsyncClient() as client:
            while True:
                try:
                    if (await client.get(f"{url}/readyz")).status_code == 200:
                        break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await process.wait() == 0


@pytest.mark.kill
async def test_what_is_written_on_a_page_is_answered_by_a_worker_elsewhere(tmp_path: Path) -> None:
    server = Server.start()
    web, worker = environment(tmp_path, server, free_port()), environment(tmp_path, server, free_port())
    try:
        async with running(worker, "--only", "worker") as at_work, running(web, "--only", "web") as pages, httpx.AsyncClient() as client:
            assert (await client.get(f"{at_work}/chat")).status_code == 404
            await client.get(f"{pages}/chat")
            asked = {"id": "a1-l", "lang": "fr", "start": "fr"}
            await client.post(f"{pages}/chat/say", data=asked, headers={"Sec-Fetch-Site": "same-origin"})
            async with asyncio.timeout(20):
                while not any(SAFE in letter for letter in await _letters(client, pages)):
                    await asyncio.sleep(0.1)
    finally:
        server.end()


async def _letters(client: httpx.AsyncClient, pages: str) -> list[str]:
    """What the page shows below its head, a letter at a time."""
    answer = (await client.get(f"{pages}/chat/new", params={"after": "0", "now": "1"})).json()
    return [letter["html"] for letter in answer["letters"]]


async def _said(env: dict[str, str], *words: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", *words, cwd=ROOT, env=env, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, error = await process.communicate()
    return process.returncode, error.decode()


async def test_a_part_that_is_not_there_and_parts_on_a_file_are_refused_in_words(tmp_path: Path) -> None:
    env = environment(tmp_path, None, 1)

    assert await _said(env, "--only", "desk") == (2, "There is no part desk; there are telegram, web, worker.\n")
    code, said = await _said(env, "--only", "web")
    assert (code, "one process" in said) == (2, True)
