"""What a test of faults found, as lines that stand under each other.

Rule 1: it is printed at the end of the test and kept beside it, so that a long run can be read afterwards.
"""

from collections.abc import Sequence
from pathlib import Path


def table(rows: Sequence[tuple[str, object]]) -> str:
    """Give names and values in two columns."""
    wide = max(len(name) for name, _ in rows)
    return "\n".join(f"  {name.ljust(wide)}  {value:>12}" for name, value in rows)


def keep(folder: Path, title: str, rows: Sequence[tuple[str, object]]) -> None:
    """Print a table and write it into the test's folder."""
    text = f"\n{title}\n{table(rows)}"
    print(text)
    with (folder / "ledger.txt").open("a") as out:
        out.write(text + "\n")
