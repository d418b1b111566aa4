"""What pages are drawn with: small, ours, committed as it was built, and the same when it is built again."""

import gzip
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from bot.web.assets import Assets
from bot.web.pages import STATIC

VENDOR = STATIC / "vendor"
SUMS = dict(reversed(line.split("  ")) for line in (VENDOR / "SHA256SUMS").read_text().splitlines())
EDITOR = ("codemirror.js", "dagre.js")
MOST_OF_THE_EDITOR = 400_000


def test_what_is_vendored_is_what_was_built() -> None:
    assert set(SUMS) == {"LICENCES.txt", *EDITOR}
    assert {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name in SUMS} == SUMS


def test_each_package_in_it_is_pinned_and_its_licence_is_there() -> None:
    package, lock = (json.loads((VENDOR / name).read_text()) for name in ("package.json", "package-lock.json"))
    licences = (VENDOR / "LICENCES.txt").read_text()

    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["devDependencies"].values())
    assert all(each.get("integrity", "").startswith("sha512-") for path, each in lock["packages"].items() if path)
    for path, each in lock["packages"].items():
        name = path.removeprefix("node_modules/")
        if path and "esbuild" not in name and name != "@codemirror/streamparser":
            assert each["license"] == "MIT"
            assert f"{name} {each['version']}\n" in licences


@pytest.mark.parametrize("name", ["package.json", "package-lock.json", ".npmrc", "build.mjs", "editor.mjs", "layout.mjs", *EDITOR])
def test_nothing_vendored_names_a_registry_or_a_place_on_a_disk(name: str) -> None:
    text = (VENDOR / name).read_text()

    assert not re.search(r'"resolved"|registry\.|sourceMappingURL|/(home|root|tmp|opt|work)/', text)


@pytest.mark.parametrize("name", EDITOR)
def test_nothing_vendored_runs_words_as_code_or_asks_elsewhere(name: str) -> None:
    text = (VENDOR / name).read_text()

    assert not re.search(r"\beval\(|new Function\b|XMLHttpRequest|\bfetch\(|WebSocket|localStorage|document\.cookie", text)
    assert set(re.findall(r"https?://[\w.]+", text)) <= {"http://www.w3.org"}


@pytest.mark.timeout(300)
@pytest.mark.skipif(not shutil.which("npm"), reason="no node here: nobody who runs Amana needs it")
def test_built_again_it_is_the_same_to_the_byte(tmp_path: Path) -> None:
    for path in (*VENDOR.glob("*.mjs"), *VENDOR.glob("package*.json"), VENDOR / ".npmrc"):
        shutil.copy(path, tmp_path)
    got = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=tmp_path, capture_output=True)
    if got.returncode:
        pytest.skip("the packages cannot be had here")
    subprocess.run(["node", "build.mjs"], cwd=tmp_path, check=True)

    assert {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in SUMS} == SUMS


async def test_a_script_comes_squeezed_to_who_takes_that_and_whole_to_who_does_not(web: httpx.AsyncClient) -> None:
    address = Assets((STATIC, VENDOR)).address("codemirror.js")
    squeezed = await web.get(address, headers={"Accept-Encoding": "br;q=1.0, gzip;q=0.5"})
    whole = await web.get(address, headers={"Accept-Encoding": "br, gzip;q=0.0, *;q=0"})

    assert squeezed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in whole.headers
    assert squeezed.content == whole.content == (VENDOR / "codemirror.js").read_bytes()
    assert squeezed.headers["vary"] == whole.headers["vary"] == "Accept-Encoding"
    assert squeezed.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_all_that_the_studio_loads_stays_small() -> None:
    ours = [path for path in STATIC.iterdir() if path.name.startswith("studio")]
    named = [*ours, STATIC / "tokens.css", STATIC / "ui.css", STATIC / "staff.css", *(VENDOR / name for name in EDITOR)]

    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in named) < MOST_OF_THE_EDITOR
