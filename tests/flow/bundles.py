"""The small service of the flow tests, and bundles made of it."""

from pathlib import Path

from bot.flow.bundle import Bundle

HERE = Path(__file__).parent
SMALL = {f"flows/{path.name}": path.read_text("utf-8") for path in sorted((HERE / "small").glob("*.yaml"))}


def small(**files: str) -> Bundle:
    """The small service, with these files of `flows/` in place of its own or beside them."""
    return Bundle({**SMALL, **{f"flows/{name.replace('_', '-')}.yaml": text for name, text in files.items()}})


def with_flow(steps: str, head: str = "") -> Bundle:
    """The small service with the flow `try`, which has these steps."""
    return Bundle({**SMALL, "flows/try.yaml": f"flow: try\ntitle: Try\n{head}steps:\n{steps}"})


def steps_of(*lines: str) -> str:
    """Lines of steps, set in by two spaces."""
    return "".join(f"  {line}\n" for line in lines)
