"""Pages: templates, the words in them, and the addresses of their files.

Rule 1: every value is escaped; a template writes no sentence of its own.
Rule 2: every posted form of staff carries the token of their session; it is put there when a template is loaded, so none can lack it.
"""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import jinja2
from jinja2.ext import Extension
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.conversation.staffing.rights import may
from bot.flow.bundle import SHOWN
from bot.web.assets import Assets
from bot.web.parts import Wording

HERE = Path(__file__).parent
STATIC = HERE / "static"
LANGUAGES: Mapping[str, str] = {"ar": "العربية", "fr": "Français", "en": "English"}
"""Languages of the pages, each by its own name."""
FORM_TOKEN: ContextVar[str] = ContextVar("form_token", default="")
"""The token of the forms of whoever asks for this page; empty for who is not in."""
_POSTED = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>')


def direction(language: str) -> str:
    """Give `rtl` or `ltr`."""
    return "rtl" if language.partition("-")[0] in ("ar", "fa", "he", "ur") else "ltr"


class _Tokens(Extension):
    """Puts the token into every posted form."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002 the signature of Jinja
        """Give the template with the token in its forms."""
        return _POSTED.sub(lambda form: form[0] + "{{ form_field() }}", source)


def form_field() -> Markup:
    """Give the hidden field of a posted form."""
    token = FORM_TOKEN.get()
    return Markup('<input type="hidden" name="form" value="{}">').format(token) if token else Markup()


class Pages:
    """Renders pages in a language. `studio`: whether authors are served here, so that pages link to it."""

    def __init__(self, words: Wording, *, studio: bool = False) -> None:
        self._words = words
        self.assets = Assets((STATIC, STATIC / "vendor"))
        self._env = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
            extensions=[_Tokens],
        )
        self._env.globals.update(asset=self.assets.address, languages=LANGUAGES, direction=direction)
        self._env.filters["short"] = lambda revision: revision[:SHOWN]
        self._env.globals.update(form_field=form_field, form_token=FORM_TOKEN.get, may=may, has_studio=studio)

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
