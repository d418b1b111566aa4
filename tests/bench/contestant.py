"""Amana as a contestant of an outside driver: its environment is read, the measured flows are put in force, and `amana run` is started.

Rule 1: what answers is the command an operator starts, one process that does everything; nothing of it is replaced or left out.
Rule 2: the flows come into force by the library, not by the first start's checks: those judge wording (length, tone), and the texts that are
measured were not written by us.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bot import config
from bot.bootstrap.build import build_house
from tests.bench.eligible import ROOT, bundle, read_workload


def environment(given: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The settings of Amana for what the driver says; keys lie in the folder."""
    port = given["PORT"]
    store = f"sqlite:///{folder}/data/amana.db" if given.get("BENCH_STORE") == "file" else given["REDIS_URL"]
    return {
        "AMANA_STORE": store, "AMANA_STORE_UNSAFE": "yes", "AMANA_KEYS": f"{folder}/keys", "AMANA_FLOWS": str(ROOT),
        "AMANA_LISTEN": f"127.0.0.1:{port}", "AMANA_PUBLIC_URL": f"http://127.0.0.1:{port}", "AMANA_LOG_LEVEL": "warning",
        "TELEGRAM_TOKEN": given["BOT_TOKEN"], "TELEGRAM_API_URL": given["API_BASE"], "TELEGRAM_WEBHOOK_SECRET": given["WEBHOOK_SECRET"],
        "TELEGRAM_WEBHOOK_PATH": "/webhook", "TELEGRAM_SENDS_PER_SECOND": "100000",
    }  # fmt: skip


async def put_in_force(settings: config.Settings, workload: Path) -> None:
    """Publish the flows that play this workload."""
    house = build_house(settings, guest=True)
    await house.store.open()
    try:
        await house.library.publish(bundle(read_workload(workload)), by="bench", why="to be measured")
    finally:
        await house.store.close()


def main() -> None:
    """Become `amana run`."""
    folder = Path(tempfile.mkdtemp(prefix="amana-bench-"))
    mine = environment(os.environ, folder)
    asyncio.run(put_in_force(config.read(mine), Path(os.environ["WORKLOAD_DIR"])))
    os.execve(sys.executable, [sys.executable, "-m", "bot", "run"], {**os.environ, **mine})


if __name__ == "__main__":
    main()
