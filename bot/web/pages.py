"""Pages: templates, the words in them, and the addresses of their files.

Rule 1: every value is escaped; a template writes no sentence of its own.
Rule 2: a style sheet or script is named by what it holds, so it may be kept for ever and is never stale.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.web.parts import Wording

HERE = Path(__file__).parent
STATIC = HERE / "static"
LANGUAGES: Mapping[str, str] = {"ar": "العربية", "fr": "Français", "en": "English"}
"""Languages of the pages, each by its own name."""
FOREVER = "public, max-age=31536000, immutable"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


def direction(language: str) -> str:
    """Give `rtl` or `ltr`."""
    return "rtl" if language.partition("-")[0] in ("ar", "fa", "he", "ur") else "ltr"


class Pages:
    """Renders pages in a language."""

    def __init__(self, words: Wording) -> None:
        self._words = words
        self._files = {path.name: path.read_bytes() for path in sorted(STATIC.iterdir()) if path.suffix in _TYPES}
        self._marks = {name: hashlib.sha256(body).hexdigest()[:12] for name, body in self._files.items()}
        self._env = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self._env.globals.update(asset=self.address, languages=LANGUAGES, direction=direction)

    def words(self, text_id: str, language: str, **values: str | int) -> str:
        """Give a sentence of the pages."""
        return self._words.say(text_id, language, **values)

    def text(self, template: str, language: str, **values: Any) -> str:
        """Give a filled template."""

        def t(text_id: str, **named: str | int) -> str:
            return self._words.say(text_id, language, **named)

        return self._env.get_template(template).render(lang=language, dir=direction(language), t=t, **values)

    def page(self, template: str, language: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Give a whole page."""
        return HTMLResponse(self.text(template, language, **values), status_code=status)

    def address(self, name: str) -> str:
        """Give the address of a static file, with its mark."""
        return f"/static/{self._marks[name]}/{name}"

    def file(self, mark: str, name: str) -> Response:
        """Give a static file if this is its mark."""
        if self._marks.get(name) != mark:
            return Response(status_code=404)
        return Response(self._files[name], headers={"Cache-Control": FOREVER, "Content-Type": _TYPES[Path(name).suffix]})


def language_of(request: Request, known: str | None = None) -> str:
    """Give the language of a page: asked for in the address, else the one known, else the browser's first that we speak, else Arabic."""
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        return asked
    if known in LANGUAGES:
        return str(known)
    for part in request.headers.get("accept-language", "").split(","):
        spoken = part.partition(";")[0].strip().partition("-")[0].lower()
        if spoken in LANGUAGES:
            return spoken
    return "ar"


async def static(request: Request) -> Response:
    """A style sheet or a script."""
    pages: Pages = request.app.state.pages
    return pages.file(request.path_params["mark"], request.path_params["name"])
