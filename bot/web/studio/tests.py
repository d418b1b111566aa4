"""Author's tests: all of them with how they went, one with the line that did not go as written, and a new one.

Rule 1: tests run a handful at a time and their progress is shown; without scripts the page waits for all of them.
Rule 2: a test that somebody else changed meanwhile is not written over; what was typed stays in the page.
"""

from collections.abc import Sequence
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.checks.chat import ChatResult
from bot.flow.bundle import TESTS
from bot.flow.language import NAME_RE
from bot.studio.bundle.trials import batches, tried
from bot.studio.drafts.parts import NotAllowed
from bot.studio.editing.edits import Edit, RemoveFile, WriteFile
from bot.studio.mending.review import playable
from bot.web.errors import page as error_page
from bot.web.studio.frame import Sight, drawn, sight_of
from bot.web.studio.publish import RUNS

SAID = ("saved", "removed")
LONGEST = 64 * 1024
"""Characters of a test that is taken."""


class Trial(NamedTuple):
    """One test in the list. `about`: its first comment. `results`: one a language; none if it was not run."""

    name: str
    about: str
    results: tuple[ChatResult, ...]


class Line(NamedTuple):
    """One line of a test, with what went otherwise there: language, what was written, what came."""

    number: int
    text: str
    failed: tuple[ChatResult, ...]


# ── all ──
async def everything(request: Request) -> Response:
    """All tests, with the last results."""
    sight = await sight_of(request)
    return sight if isinstance(sight, Response) else await _list(sight)


async def _list(sight: Sight, *, wrong: str = "", name: str = "", run: bool = False) -> Response:
    known = await RUNS.run(sight.studio.bench, sight.bundle) if run else RUNS.known(sight.bundle)
    said = sight.request.query_params.get("said", "")
    results = known.results if known is not None else ()
    trials = [Trial(_name(path), _about(sight.bundle[path]), _of(results, path)) for path in sight.bundle.test_paths()]
    return await drawn(
        sight, "studio/tests.html", status=422 if wrong else 200, tab="tests", trials=trials, tally=known, wrong=wrong, name=name,
        said=said if said in SAID else "", batches=len(batches(sight.bundle)), blocked=await _is_blocked(sight),
    )  # fmt: skip


async def _is_blocked(sight: Sight) -> bool:
    """Whether the flows have problems, so that no test can run."""
    return not await sight.studio.bench(playable, sight.bundle)


async def run(request: Request) -> Response:
    """Run all: a handful for a script (`?batch=`), all of them for a form."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    batch = request.query_params.get("batch", "")
    if not batch:
        return await _list(sight, run=True)
    handfuls = batches(sight.bundle)
    number = int(batch) if batch.isdecimal() and len(batch) < 5 else len(handfuls)
    results = await sight.studio.bench(tried, sight.bundle, handfuls[number]) if number < len(handfuls) else ()
    told = [{"name": _name(each.path), "language": each.language, "passed": each.passed, "line": each.line} for each in results]
    RUNS.add(sight.bundle, number, results)
    return JSONResponse({"revision": sight.bundle.revision, "of": len(handfuls), "results": told})


# ── one ──
async def one(request: Request) -> Response:
    """One test, run at once, line by line."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    if _path(sight) not in sight.bundle:
        return error_page(request, 404)
    return await _one(sight)


async def _one(sight: Sight, *, typed: str | None = None) -> Response:
    path = _path(sight)
    text = sight.bundle[path]
    results = await sight.studio.bench(tried, sight.bundle, (path,))
    said = sight.request.query_params.get("said", "")
    return await drawn(
        sight, "studio/test.html", status=422 if typed is not None else 200, tab="tests", name=_name(path), lines=_lines(text, results),
        results=results, text=text if typed is None else typed, base=text, overtaken=typed is not None, said=said if said in SAID else "",
        rows=min(40, max(12, text.count("\n") + 4)), blocked=not results and await _is_blocked(sight),
    )  # fmt: skip


async def save(request: Request) -> Response:
    """Write one test."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    form, path = await request.form(), _path(sight)
    typed = str(form.get("text", "")).replace("\r\n", "\n")[:LONGEST]
    base = str(form.get("base", "")).replace("\r\n", "\n")
    if not await _edit(sight, WriteFile(path, typed.rstrip("\n") + "\n", base), str(form.get("action", ""))):
        return await _one(sight, typed=typed)
    return RedirectResponse(f"/studio/d/{sight.head.id}/tests/{_name(path)}?said=saved", 303)


async def remove(request: Request) -> Response:
    """Take one test away."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    path = _path(sight)
    if path in sight.bundle:
        await _edit(sight, RemoveFile(path, sight.bundle[path]), str((await request.form()).get("action", "")))
    return RedirectResponse(f"/studio/d/{sight.head.id}/tests?said=removed", 303)


async def add(request: Request) -> Response:
    """Begin a test: named, and empty but for where it begins."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    form = await request.form()
    name, flow = str(form.get("name", "")).strip().lower(), str(form.get("flow", ""))
    path = f"{TESTS}{name}.chat"
    if NAME_RE.fullmatch(name) is None or f"flows/{flow}.yaml" not in sight.bundle.flow_paths():
        return await _list(sight, wrong="name", name=name[:80])
    if path in sight.bundle:
        return await _list(sight, wrong="taken", name=name)
    await _edit(sight, WriteFile(path, f"flow: {flow}\n> (starts)\n< ...\n", None), str(form.get("action", "")))
    return RedirectResponse(f"/studio/d/{sight.head.id}/tests/{name}", 303)


async def _edit(sight: Sight, edit: Edit, action: str) -> bool:
    """Make the edit; False if it could not be made."""
    try:
        done = await sight.studio.workshop.edit(sight.head.id, [edit], by=sight.member.id, action=action[:64] or sight.parts.chance(16))
    except NotAllowed:
        return False
    return not done.clashes


def _path(sight: Sight) -> str:
    return f"{TESTS}{sight.request.path_params['test']}.chat"


def _name(path: str) -> str:
    return path.removeprefix(TESTS).removesuffix(".chat")


def _about(text: str) -> str:
    """The first comment of a test, if it begins with one."""
    first = text.partition("\n")[0]
    return first.removeprefix("#").strip() if first.startswith("#") else ""


def _of(results: Sequence[ChatResult], path: str) -> tuple[ChatResult, ...]:
    return tuple(result for result in results if result.path == path)


def _lines(text: str, results: Sequence[ChatResult]) -> list[Line]:
    """The lines of a test; a failure at a line that is not there stands at the last."""
    lines = text.rstrip("\n").split("\n")
    failed = [(min(max(result.line, 1), len(lines)), result) for result in results if not result.passed]
    return [Line(number, line, tuple(result for at, result in failed if at == number)) for number, line in enumerate(lines, 1)]


ROUTES = [
    Route("/studio/d/{draft}/tests", everything, methods=["GET"]),
    Route("/studio/d/{draft}/tests", add, methods=["POST"]),
    Route("/studio/d/{draft}/tests/run", run, methods=["POST"]),
    Route("/studio/d/{draft}/tests/{test}", one, methods=["GET"]),
    Route("/studio/d/{draft}/tests/{test}", save, methods=["POST"]),
    Route("/studio/d/{draft}/tests/{test}/remove", remove, methods=["POST"]),
]
