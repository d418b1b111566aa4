"""The flows of the project, compiled once for all tests of this folder."""

from functools import cache
from pathlib import Path

from bot.flow.bundle import Bundle
from bot.flow.compiler import compile_bundle
from bot.flow.program import Program

ROOT = Path(__file__).parents[2]


@cache
def real_files() -> dict[str, str]:
    """All flow files and catalogs by path."""
    paths = [path for folder in ("flows", "locales") for path in (ROOT / folder).rglob("*.*")]
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in paths if path.suffix in {".yaml", ".po", ".chat"}}


@cache
def real_program() -> Program:
    """The program of the project."""
    compiled = compile_bundle(Bundle(real_files()))
    assert compiled.program is not None, "\n".join(map(str, compiled.problems))
    return compiled.program
