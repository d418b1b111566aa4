"""Style sheets and scripts, ours and those in `static/vendor`, at addresses that say what they hold.

Rule 1: a file is named by its contents, so it may be kept for ever and is never stale.
Rule 2: nothing is fetched or built when running: what is vendored is committed, and its sums with it (`make vendor`).
"""

import gzip
import hashlib
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

FOREVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_SMALLEST: Final = 1024
"""Bytes from which squeezing is worth it."""
_NEVER: Final = re.compile(r"q\s*=\s*0(\.0*)?")


class Asset:
    """One file: its bytes, its mark, and the same bytes squeezed, once somebody asks for them."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.body = path.read_bytes()
        self.mark = hashlib.sha256(self.body).hexdigest()[:12]

    @cached_property
    def squeezed(self) -> bytes:
        """The bytes in gzip, always the same ones."""
        return gzip.compress(self.body, compresslevel=9, mtime=0)

    def response(self, accepted: str) -> Response:
        """Give the file to who accepts these encodings."""
        headers = {"Cache-Control": FOREVER, "Content-Type": _TYPES[Path(self.name).suffix], "Vary": "Accept-Encoding"}
        if len(self.body) < _SMALLEST or not _takes_gzip(accepted):
            return Response(self.body, headers=headers)
        return Response(self.squeezed, headers={**headers, "Content-Encoding": "gzip"})


class Assets:
    """The static files of these folders; a name stands in one of them only."""

    def __init__(self, folders: Iterable[Path]) -> None:
        found = [Asset(path) for folder in folders for path in sorted(folder.iterdir()) if path.suffix in _TYPES]
        self._files = {asset.name: asset for asset in found}
        if len(self._files) != len(found):
            raise ValueError("two static files have one name")

    def address(self, name: str) -> str:
        """Give the address of a file; raises `KeyError` when there is none of that name."""
        return f"/static/{self._files[name].mark}/{name}"

    def weight(self, name: str) -> int:
        """Give the bytes of a file as they are sent to a browser, squeezed; raises `KeyError`."""
        return len(self._files[name].squeezed)

    def response(self, mark: str, name: str, accepted: str) -> Response:
        """Give a file if this is its mark, else 404."""
        asset = self._files.get(name)
        return asset.response(accepted) if asset is not None and asset.mark == mark else Response(status_code=404)


def _takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header takes gzip."""
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in ("gzip", "*"):
            return _NEVER.fullmatch(weight.strip()) is None
    return False


async def static(request: Request) -> Response:
    """A style sheet or a script."""
    assets: Assets = request.app.state.pages.assets
    return assets.response(request.path_params["mark"], request.path_params["name"], request.headers.get("accept-encoding", ""))
