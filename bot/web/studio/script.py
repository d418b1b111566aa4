"""A flow as a readable script: its page, the parts of it that change, and what its forms need to know.

Rule 1: a step has an anchor, `#step-` and its key; every problem and every jump links to one.
Rule 2: after an edit only the steps that changed are sent again, each under the mark of what it shows.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.flow.expressions import Wrong, parse
from bot.studio.comparing.changes import Called, Value, Words
from bot.studio.editing.flowedits import name_now
from bot.studio.mending.explain import EXPLAINED
from bot.studio.mending.placing import Placed, mends_in
from bot.studio.showing.branching import gaps_of
from bot.studio.showing.builder import clauses_of
from bot.studio.showing.script import Script, Step, script_of
from bot.studio.showing.vocabulary import Vocabulary, vocabulary
from bot.web.errors import page as error_page
from bot.web.pages import LANGUAGES, Pages
from bot.web.studio.frame import Sight, drawn, health_of, sight_of, today
from bot.web.studio.saying import Saying, asked_for_forms
from bot.web.wording.studio_form import STUDIO_FORM

_to = msgspec.json.Encoder().encode
SOON = timedelta(days=14)
"""How long before a contact hides itself its steps say so."""
NOT_A_NAME = ("name", "taken", "step", "file")
"""Why a flow cannot be called so, as the end of `studio.flow.rename.no.<why>`."""
_JS = "studio.js."
_COUNTED = re.compile(r"(\d+) (?:sentences|words|characters).*?the most is (\d+)")
_BRACES: Mapping[str, Mapping[str, str]] = {"studio.js.no.source": {"tongue": "{tongue}"}}
_TESTS = {"under": "<", "at-most": "<=", "over": ">", "at-least": ">="}


class Reading(NamedTuple):
    """One look at one flow."""

    sight: Sight
    script: Script
    vocabulary: Vocabulary
    saying: Saying


class Drawn(NamedTuple):
    """A step as HTML, and the mark of what it shows."""

    key: str
    mark: str
    html: str


def read(bundle: Any, flow: str, language: str) -> tuple[Script | None, Vocabulary]:
    """Give the script of a flow and what it can name: done on the bench. Raises `KeyError`."""
    return script_of(bundle, flow, language), vocabulary(bundle, flow, language)


async def _reading(request: Request) -> Reading | Response:
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    try:
        script, words = await sight.studio.bench(read, sight.bundle, request.path_params["flow"], sight.language)
    except KeyError:
        return _elsewhere(sight)
    if script is None:
        return await drawn(sight, "studio/unreadable.html", tab="flows", flow=request.path_params["flow"])
    return Reading(sight, script, words, Saying(sight.parts.words, sight.language, words))


def _elsewhere(sight: Sight) -> Response:
    """Where the flow is now, if it has another name; else it is not found."""
    request, flow = sight.request, sight.request.path_params["flow"]
    to = name_now(sight.bundle, flow, sight.head.renamed)
    if to == flow:
        return error_page(request, 404)
    path = request.url.path.replace(f"/flows/{flow}", f"/flows/{to}", 1)
    return RedirectResponse(f"{path}?{request.url.query}" if request.url.query else path, 303)


def _form_words(reading: Reading) -> str:
    """The words that the scripts of forms put in, by id without its beginning."""
    say = reading.sight.parts.words.say
    found = {id_.removeprefix(_JS): say(id_, reading.sight.language, **_BRACES.get(id_, {})) for id_ in STUDIO_FORM if id_.startswith(_JS)}
    found |= {f"test.{sign}": found[f"test.{name}"] for name, sign in _TESTS.items()}
    found |= {f"tongue.{code}": say(f"tongue.{code}", reading.sight.language) for code in LANGUAGES}
    return _to(found).decode()


# ── the page and its parts ──
async def page(request: Request) -> Response:
    """The script of a flow."""
    reading = await _reading(request)
    if isinstance(reading, Response):
        return reading
    sight, script = reading.sight, reading.script
    health = await health_of(sight)
    problems = health.by_step(script.name) if health is not None else {}
    steps = [_drawn(reading, step) for step in script.steps]
    shown = {key: _problems(reading, found) for key, found in problems.items()}
    query = request.query_params
    return await drawn(
        sight, "studio/script.html", tab="flows", flow=script.name, script=script, steps=steps, problems=shown, view="script",
        reader=sight.language, no=query["no"] if query.get("no") in NOT_A_NAME else "", name=query.get("name", "")[:80],
        said=query.get("said") == "renamed", action=sight.parts.chance(16), health=health,
        form_words=_form_words(reading), sets=_to(reading.vocabulary.answers).decode(),
    )  # fmt: skip


async def part(request: Request) -> Response:
    """The steps that the page lacks, and all problems. `have`: marks it has; `wait`: for the checks; `mends`: with buttons."""
    reading = await _reading(request)
    if isinstance(reading, Response):
        return reading if reading.status_code != 200 else Response(status_code=422)
    have = frozenset(request.query_params.get("have", "").split("."))
    health = await health_of(reading.sight, patience=None if request.query_params.get("wait") else 0.0)
    by_step = health.by_step(reading.script.name) if health is not None else {}
    mends = await _mends(reading) if by_step and request.query_params.get("mends") else {}
    problems = {key: _problems(reading, found, mends.get(key)) for key, found in by_step.items()}
    steps = [_drawn(reading, step) for step in reading.script.steps]
    return _pages(reading).page(
        "studio/script_part.html", reading.sight.language, steps=steps, have=have, problems=problems, known=health is not None,
        revision=reading.sight.bundle.revision, health=health, script=reading.script,
    )  # fmt: skip


def _drawn(reading: Reading, step: Step) -> Drawn:
    html = _pages(reading).text("studio/script_step.html", reading.sight.language, **_values(reading, step))
    return Drawn(step.key, hashlib.sha256(html.encode()).hexdigest()[:6], html)


def _problems(reading: Reading, found: Sequence[Placed], mends: Mapping[int, Any] | None = None) -> str:
    lines = [(each.problem, _tongue(each), *_explained(reading, each)) for each in found]
    return _pages(reading).text("studio/script_problems.html", reading.sight.language, lines=lines, mends=mends or {})


async def _mends(reading: Reading) -> Mapping[str, Mapping[int, Sequence[Mapping[str, str]]]]:
    """The buttons that mend, by step and problem, with the edits that they make."""
    sight = reading.sight
    found: dict[str, dict[int, Sequence[Mapping[str, str]]]] = {}
    for step, number, mends in await sight.studio.bench(mends_in, sight.bundle, reading.script.name, today(sight)):
        buttons = [{"says": _plainly(reading, mend.says), "edits": _to(mend.edits).decode()} for mend in mends]
        found.setdefault(step, {})[number] = buttons
    return found


def _plainly(reading: Reading, value: Value) -> str:
    """A sentence of an explanation as plain words."""
    language = reading.sight.language
    match value:
        case Words(id_, values):
            return reading.sight.parts.words.say(id_, language, **{name: _plainly(reading, each) for name, each in values.items()})
        case Called(id_, said):
            return said.get(language) or next(iter(said.values()), id_)
        case _:
            return str(value)


def _tongue(placed: Placed) -> str:
    """The language of the catalog that a problem stands in; empty for any other file."""
    parts = placed.problem.file.split("/")
    return parts[1] if parts[0] == "locales" and len(parts) > 1 else ""


def _explained(reading: Reading, placed: Placed) -> tuple[str, str, str]:
    """What it is, what to do, and whom it can hurt."""
    rule = placed.problem.rule if placed.problem.rule in EXPLAINED else "other"
    counted = _COUNTED.search(placed.problem.sentence)
    values = {"n": int(counted[1]), "most": int(counted[2])} if counted else {}
    say, language = reading.sight.parts.words.say, reading.sight.language
    return say(f"explain.{rule}", language, **values), say(f"explain.{rule}.do", language), say(f"explain.{rule}.harm", language)


def _values(reading: Reading, step: Step) -> Mapping[str, Any]:
    """What the template of a step has."""
    return {
        "step": step, "script": reading.script, "said": reading.saying, "reader": reading.sight.language,
        "draft": reading.sight.head.id, "names": _names(reading.vocabulary), "soon": _soon(reading, step),
    }  # fmt: skip


def _soon(reading: Reading, step: Step) -> tuple[int, str]:
    """How many contacts that a step shows hide themselves soon, and the day by which they do."""
    if step.word != "contacts":
        return 0, ""
    first, last = today(reading.sight), today(reading.sight) + SOON
    found = [day for need, day in reading.vocabulary.rows if need == step.field("need") and first.isoformat() <= day <= last.isoformat()]
    return len(found), f"{last:%d/%m/%Y}"


def _names(words: Vocabulary) -> Mapping[str, Mapping[str, str]]:
    return {
        "teams": {each.name: each.title for each in (*words.teams, *words.partners)},
        "countries": {each.name: each.title for each in words.countries},
    }


def _pages(reading: Reading) -> Pages:
    pages: Pages = reading.sight.request.app.state.pages
    return pages


# ── forms ──
async def form(request: Request) -> Response:
    """The form of one step."""
    reading = await _reading(request)
    if isinstance(reading, Response):
        return reading
    key = request.query_params.get("step", "")
    step = next((each for each in reading.script.steps if each.key == key), None)
    if step is None:
        return error_page(request, 404)
    clauses = {"": clauses_of(step.when) if step.when else None}
    clauses |= {str(number): clauses_of(row.when) for number, row in enumerate(step.rows) if row.when}
    rows = {place: _to(found).decode() for place, found in clauses.items() if found is not None}
    values = {**_values(reading, step), "words": reading.vocabulary, "adding": False, "after": "", "rows": rows, "of": step.word}
    return _pages(reading).page("studio/step_form.html", reading.sight.language, **values)


async def add(request: Request) -> Response:
    """The form of a new step. `after`: below which; `word`: of which kind; without it, the kinds to choose from."""
    reading = await _reading(request)
    if isinstance(reading, Response):
        return reading
    after, word = request.query_params.get("after", ""), request.query_params.get("word", "")
    step = Step(index=-1, key="", id="", word=word, body={})
    values = {**_values(reading, step), "words": reading.vocabulary, "adding": True, "after": after, "rows": {}, "of": word}
    return _pages(reading).page("studio/step_form.html" if word else "studio/step_kinds.html", reading.sight.language, **values)


async def words(request: Request) -> Response:
    """What forms of this flow can name, for their lists."""
    reading = await _reading(request)
    if isinstance(reading, Response):
        return JSONResponse({}, status_code=409)
    found = reading.vocabulary
    names = {each: _pairs(getattr(found, each)) for each in ("consents", "places", "flows", "teams", "partners", "countries", "sets")}
    listed = {
        **names, "asked": asked_for_forms(found.asked, reading.saying), "needs": found.needs, "sources": found.sources,
        "own": found.own, "limit": found.limit, "gaps": gaps_of(reading.script.steps),
    }  # fmt: skip
    return Response(_to(listed), media_type="application/json")


def _pairs(named: Sequence[Any]) -> list[tuple[str, str]]:
    return [(each.name, each.title) for each in named]


async def said(request: Request) -> Response:
    """A condition in words, or what is wrong with it."""
    reading = await _reading(request)
    if isinstance(reading, Response):
        return JSONResponse({}, status_code=409)
    text = request.query_params.get("if", "")[:2000]
    found = parse(text)
    if isinstance(found, Wrong):
        return JSONResponse({"ok": False, "said": found.sentence})
    return JSONResponse({"ok": True, "said": reading.saying.condition(text)})


_FLOW = "/studio/d/{draft}/flows/{flow}"
ROUTES = [
    Route(_FLOW, page, methods=["GET"]),
    Route(f"{_FLOW}/part", part, methods=["GET"]),
    Route(f"{_FLOW}/form", form, methods=["GET"]),
    Route(f"{_FLOW}/add", add, methods=["GET"]),
    Route(f"{_FLOW}/words", words, methods=["GET"]),
    Route(f"{_FLOW}/said", said, methods=["GET"]),
]
