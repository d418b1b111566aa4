"""The flows of a draft: their list with health, a new one, one taken away.

Rule 1: what is added or taken away goes through edits like any other change, so it can be undone and shown as a difference.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.flow.bundle import FLOWS, NOT_FLOWS, Bundle, flow_name
from bot.flow.language import NAME_RE, RESERVED
from bot.studio.bundle.said import Sayings
from bot.studio.editing.edits import Edit, RemoveFile, RenameFlow, SetText, WriteFile
from bot.studio.editing.flowedits import why_not
from bot.studio.files.filenames import free, stem_of
from bot.web.studio.editing import written
from bot.web.studio.frame import Sight, drawn, hour_of, sight_of, tree_of

_NEW = """# yaml-language-server: $schema=schema.json
flow: {name}
title: New
steps:
  - end
"""
LONGEST = 120
"""Characters of a title."""


async def flows(request: Request) -> Response:
    """The flows of a draft."""
    sight = await sight_of(request)
    return sight if isinstance(sight, Response) else await _flows(sight)


async def _flows(sight: Sight, *, wrong: str = "", titles: Mapping[str, str] | None = None, name: str = "") -> Response:
    began = await tree_of(sight, sight.head.began.by), hour_of(sight, sight.head.began.at)
    tongues = await sight.studio.bench(_languages, sight.bundle)
    return await drawn(
        sight, "studio/flows.html", tab="flows", status=422 if wrong else 200, began=began, tongues=tongues, wrong=wrong,
        titles=titles or {}, name=name,
    )  # fmt: skip


def _languages(bundle: Bundle) -> tuple[str, ...]:
    """The languages of what people receive, the source first."""
    return Sayings(bundle).languages


async def add(request: Request) -> Response:
    """Begin a new flow: its title in each language, and one step."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    form = await request.form()
    tongues = await sight.studio.bench(_languages, sight.bundle)
    titles = {code: " ".join(str(form.get(f"title-{code}", "")).split())[: 4 * LONGEST] for code in tongues}
    source, stated = titles[tongues[0]], str(form.get("name", "")).strip()
    taken = {flow_name(path) for path in sight.bundle.flow_paths()} | RESERVED | set(NOT_FLOWS)
    name = stated or free(stem_of((source,), "flow", words=4, letters=32), taken)
    wrong = "title" if not source else "name" if NAME_RE.fullmatch(name) is None or name in taken else ""
    if wrong:
        return await _flows(sight, wrong=wrong, titles=titles, name=stated)
    edits: list[Edit] = [WriteFile(f"{FLOWS}{name}.yaml", _NEW.format(name=name), None)]
    edits += [SetText(f"{name}:title", code, title, "New" if code == tongues[0] else "") for code, title in titles.items() if title]
    return await _made(sight, edits, str(form.get("action", "")), f"/flows/{name}")


async def rename(request: Request) -> Response:
    """Give a flow another name, everywhere; a name that cannot be is refused in a sentence on its page."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    flow, form = request.path_params["flow"], await request.form()
    to = str(form.get("name", "")).strip()[: 2 * LONGEST]
    why = await sight.studio.bench(why_not, sight.bundle, flow, to)
    there = f"/studio/d/{sight.head.id}/flows"
    if why:
        return RedirectResponse(f"{there}/{quote(flow)}?{urlencode({'no': why, 'name': to})}#rename", 303)
    done = await written(sight, [RenameFlow(flow, to)], str(form.get("action", "")))
    if isinstance(done, Response):
        return done
    return RedirectResponse(f"{there}/{quote(flow)}?no=file#rename" if done else f"{there}/{quote(to)}?said=renamed", 303)


async def remove(request: Request) -> Response:
    """Take a flow away, with its file."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    file = f"{FLOWS}{request.path_params['flow']}.yaml"
    if file not in sight.bundle.flow_paths():
        return RedirectResponse(f"/studio/d/{sight.head.id}", 303)
    return await _made(sight, [RemoveFile(file, sight.bundle[file])], str((await request.form()).get("action", "")), "")


async def _made(sight: Sight, edits: list[Edit], action: str, then: str) -> Response:
    done = await written(sight, edits, action)
    return done if isinstance(done, Response) else RedirectResponse(f"/studio/d/{sight.head.id}{then}", 303)


ROUTES = [
    Route("/studio/d/{draft}", flows, methods=["GET"]),
    Route("/studio/d/{draft}/flows", add, methods=["POST"]),
    Route("/studio/d/{draft}/flows/{flow}/remove", remove, methods=["POST"]),
    Route("/studio/d/{draft}/flows/{flow}/rename", rename, methods=["POST"]),
]
