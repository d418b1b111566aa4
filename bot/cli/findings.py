"""What `amana doctor` says, line by line: plain and aligned, coloured only on a terminal.

Rule 1: nothing printed names a person.
"""

import sys
from typing import Final, Literal, TypeAlias

import typer

Weight: TypeAlias = Literal["ok", "note", "LOOK"]
"""`note`: worth knowing, nothing to do now."""
_COLOURS: Final = {"ok": typer.colors.GREEN, "note": typer.colors.CYAN, "LOOK": typer.colors.YELLOW}
_WIDTH: Final = 10


class Findings:
    """What was found, said as it is found. `wrong`: how much must be done."""

    def __init__(self) -> None:
        self.wrong = 0

    def say(self, subject: str, what: str, *, ok: bool = True) -> None:
        """Print one finding that is well, or must be mended."""
        self.wrong += not ok
        self._line("ok" if ok else "LOOK", subject, what)

    def note(self, subject: str, what: str) -> None:
        """Print something worth knowing."""
        self._line("note", subject, what)

    def _line(self, weight: Weight, subject: str, what: str) -> None:
        mark = typer.style(f"{weight:<4}", fg=_COLOURS[weight]) if sys.stdout.isatty() else f"{weight:<4}"
        typer.echo(f"{mark}  {subject:<{_WIDTH}}  {what}")
