"""Puts the rivals into `var/bench`, apart from Amana's own environment and lock; does nothing if they are there.

Rule 1: versions are those of `rivals/requirements.txt` and `rivals/package.json`; where they come from is the operator's pip and npm.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RIVALS = Path(__file__).parent / "rivals"
HOME = ROOT / "var" / "bench"
PYTHON = HOME / "venv" / "bin" / "python"
NODE = HOME / "node"


def install() -> None:
    """Install what is not there in these versions."""
    HOME.mkdir(parents=True, exist_ok=True)
    if _is_new(RIVALS / "requirements.txt"):
        print("Installing the Python rivals …", flush=True)
        pip = _environment()
        subprocess.run([*pip, "install", "-q", "--disable-pip-version-check", "-r", RIVALS / "requirements.txt"], check=True)
        _note(RIVALS / "requirements.txt")
    if shutil.which("npm") is None:
        print("There is no npm here: grammY and Telegraf are left out.", flush=True)
    elif _is_new(RIVALS / "package.json"):
        print("Installing the Node rivals …", flush=True)
        NODE.mkdir(exist_ok=True)
        shutil.copy(RIVALS / "package.json", NODE)
        subprocess.run(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"], cwd=NODE, check=True)
        _note(RIVALS / "package.json")
    for path in RIVALS.glob("*.mjs"):  # Node looks for packages beside the file
        if NODE.exists():
            shutil.copy(path, NODE)


def _environment() -> list[str]:
    """Make the environment anew, and give the pip that installs into it: its own, or the system's where Python comes without ensurepip."""
    venv = [sys.executable, "-m", "venv", "--clear"]
    try:
        subprocess.run([*venv, HOME / "venv"], check=True, stderr=subprocess.DEVNULL)
    except subprocess.CalledProcessError:
        subprocess.run([*venv, "--without-pip", HOME / "venv"], check=True)
        return [shutil.which("pip3") or "pip", "--python", str(PYTHON)]
    return [str(PYTHON), "-m", "pip"]


def _is_new(file: Path) -> bool:
    noted = HOME / f"{file.name}.installed"
    return not noted.exists() or noted.read_text() != _hash(file)


def _note(file: Path) -> None:
    (HOME / f"{file.name}.installed").write_text(_hash(file))


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    install()
