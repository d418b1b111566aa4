"""Runs every measurement, one after the other, each in a process of its own, and says on what machine. `make bench` calls this.

python -m tests.bench.all [PART …]        a part is the end of its module's name: engine, store, e2e, against, workers, desk, crowd
"""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = (
    ("The engine: one event to the next wait", "tests.bench.bench_engine"),
    ("The store and the seals: one message through SQLite, every write on disk", "tests.bench.bench_store"),
    ("The whole: webhook in, replies out, two processes on this machine, the flows as shipped, a file as store", "tests.bench.e2e"),
    ("Beside others: one conversation, state on a Redis that appends every write to disk; amana-file: on a file", "tests.bench.against"),
    ("A second worker: the same load on one process and on two", "tests.bench.workers"),
    ("The desk: the page of a queue of 5,000 open cases", "tests.bench.desk"),
    ("A crowd: the same load with many conversations stored", "tests.bench.crowd"),
)


def machine() -> str:
    """What was measured on, and how busy it was with other things."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    load = os.getloadavg()[0]
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {model}, Python {platform.python_version()}, load before: {load:.1f}"


def main() -> int:
    """Give 0 if every measurement came to its end."""
    failed = 0
    print(machine())
    for title, module in (part for part in PARTS if len(sys.argv) < 2 or part[1].endswith(tuple(sys.argv[1:]))):
        print(f"\n{title}\n{'─' * len(title)}", flush=True)
        failed += bool(subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=False).returncode)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
