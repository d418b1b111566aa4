"""Any file of a draft as its text: with completion, problems at their place and help, saved as one edit; upload and download.

Rule 1: what is uploaded is shown with its problems and written nowhere; only saving writes, into the draft and nothing else.
Rule 2: a text that was not written is on the page that says so, whole, beside what stands there now.
Rule 3: without scripts the same file is a plain field: saved, checked, uploaded and downloaded all the same.
"""

import hashlib
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.flow.bundle import FLOWS, NOT_FLOWS, TESTS, Bundle, belongs, flow_name
from bot.studio.bundle.looking import Look, look, unreadable
from bot.studio.completing.completion import complete, explain
from bot.studio.completing.keys import kind_of
from bot.studio.completing.offered import Option
from bot.studio.drafts.parts import NotAllowed
from bot.studio.editing.edits import Clash, WriteFile
from bot.web.studio.frame import Sight, drawn, sight_of, today
from bot.web.studio.told import Told, tell_option, tell_problem

_CHARACTERS: Final = 2 * 1024 * 1024


class Listed(NamedTuple):
    """One file in the list. `changed`: this draft changed it."""

    path: str
    name: str
    kind: str
    changed: bool


class Asked(Struct, frozen=True):
    """What the editor sends while somebody writes. `word`: the one under the pointer."""

    file: str
    before: str = ""
    after: str = ""
    text: str = ""
    word: str = ""


_asked = msgspec.json.Decoder(Asked).decode
_to = msgspec.json.Encoder().encode


async def index(request: Request) -> Response:
    """All files of a draft."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    files = [Listed(path, _name(path), kind_of(path), path in sight.head.files) for path in sight.bundle]
    return await drawn(sight, "studio/files.html", files=files, tab="flows")


def _name(path: str) -> str:
    if path.startswith("locales/"):
        return path.removeprefix("locales/").replace("/LC_MESSAGES/", " · ")
    return path.removeprefix(TESTS).removeprefix(FLOWS)


async def show(request: Request) -> Response:
    """One file, to read and write."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    file = _file(request, sight.bundle)
    seen = await _look(sight, file, sight.bundle[file]) if "checked" in request.query_params else None
    return await _page(sight, file, sight.bundle[file], look=seen)


async def _page(
    sight: Sight, file: str, text: str, *, base: str | None = None, look: Look | None = None, clash: Clash | None = None, why: str = ""
) -> Response:
    """The page with this text in it. `base`: what it was begun with, if that is not what the draft holds now."""
    flow = flow_name(file) if file in sight.bundle.flow_paths() else ""
    kept = sight.bundle.get(file, "")
    problems = [tell_problem(sight, problem) for problem in look.here] if look else None
    return await drawn(
        sight, "studio/file.html", status=409 if clash else 422 if why else 200, tab="flows", flow=flow, file=file, name=_name(file),
        kind=kind_of(file), text=text, base=kept if base is None else base, kept=kept, problems=problems, collision=clash, why=why,
        elsewhere=[tell_problem(sight, problem) for problem in look.elsewhere] if look else (), at=sight.parts.clock.now(),
    )  # fmt: skip


async def write(request: Request) -> Response:
    """Save a file, or show one that was uploaded, from a page without scripts."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    file = _file(request, sight.bundle)
    if kind_of(file) == "catalog":
        raise HTTPException(405)
    async with request.form(max_files=1, max_part_size=_CHARACTERS) as form:
        upload = form.get("upload")
        if isinstance(upload, UploadFile) and upload.filename:
            return await _uploaded(sight, file, await upload.read())
        return await _saved(sight, file, form)


async def _uploaded(sight: Sight, file: str, body: bytes) -> Response:
    """The page with the text of an upload in it, and every problem of it; nothing is written."""
    text, wrong = unreadable(file, body)
    seen = await _look(sight, file, text)
    if wrong is not None:
        seen = msgspec.structs.replace(seen, here=(wrong, *seen.here))
    return await _page(sight, file, text, look=seen, why="uploaded")


async def _saved(sight: Sight, file: str, form: FormData) -> Response:
    text, base = (str(form.get(name, "")).replace("\r\n", "\n") for name in ("text", "base"))
    action = hashlib.sha256("\0".join((file, str(form.get("began", "")), base, text)).encode("utf-8", "replace")).hexdigest()[:32]
    if "check" in form:
        return await _page(sight, file, text, base=base, look=await _look(sight, file, text))
    try:
        done = await sight.studio.workshop.edit(sight.head.id, [WriteFile(file, text, base)], by=sight.member.id, action=action)
    except NotAllowed:
        return await _page(sight, file, text, base=base, why="over")
    now = sight._replace(head=done.head, bundle=done.bundle)
    if done.clashes:
        return await _page(now, file, text, look=await _look(now, file, text), clash=done.clashes[0])
    return RedirectResponse(f"/studio/d/{sight.head.id}/files/{file}?checked=1&saved=1", 303)


async def download(request: Request) -> Response:
    """The bytes of one file."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    file = _file(request, sight.bundle)
    kind = "inline" if request.headers.get("accept", "").startswith("text/plain") else "attachment"
    headers = {"Content-Disposition": f'{kind}; filename="{file.rpartition("/")[2]}"', "X-Revision": sight.bundle.revision}
    return Response(sight.bundle[file].encode("utf-8", "replace"), media_type="text/plain; charset=utf-8", headers=headers)


async def looked(request: Request) -> Response:
    """The problems of a text that is being written."""
    sight, asked = await _posted(request)
    if isinstance(sight, Response):
        return sight
    seen = await _look(sight, asked.file, asked.text)
    return _json({
        "here": [tell_problem(sight, problem) for problem in seen.here],
        "elsewhere": [tell_problem(sight, problem) for problem in seen.elsewhere],
        "more": seen.more,
    })  # fmt: skip


async def completed(request: Request) -> Response:
    """What may be written at a place."""
    sight, asked = await _posted(request)
    if isinstance(sight, Response):
        return sight
    done = await sight.studio.bench(complete, sight.bundle, asked.file, asked.before, asked.after)
    return _json({"typed": done.typed, "options": [tell_option(sight, option) for option in done.options]})


async def explained(request: Request) -> Response:
    """What a word of a file means."""
    sight, asked = await _posted(request)
    if isinstance(sight, Response):
        return sight
    found: Option | None = await sight.studio.bench(explain, sight.bundle, asked.file, asked.before, asked.word, asked.after)
    return _json(tell_option(sight, found) if found is not None else Told())


async def _posted(request: Request) -> tuple[Sight | Response, Asked]:
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight, Asked("")
    try:
        asked = _asked(await request.body())
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise HTTPException(422) from None
    if asked.file not in sight.bundle and not belongs(asked.file):
        raise HTTPException(404)
    return sight, asked


async def _look(sight: Sight, file: str, text: str) -> Look:
    return await sight.studio.bench(look, sight.bundle, file, text, today(sight))


def _file(request: Request, bundle: Bundle) -> str:
    """The file that the address names: any by its path, a flow by its name."""
    flow = request.path_params.get("flow")
    file = f"{FLOWS}{flow}.yaml" if flow is not None else str(request.path_params["path"])
    if file not in bundle or (flow in NOT_FLOWS):
        raise HTTPException(404)
    return file


def _json(body: object) -> Response:
    return Response(_to(body), media_type="application/json")


ROUTES = [
    Route("/studio/d/{draft}/files", index, methods=["GET"]),
    Route("/studio/d/{draft}/look", looked, methods=["POST"]),
    Route("/studio/d/{draft}/complete", completed, methods=["POST"]),
    Route("/studio/d/{draft}/explain", explained, methods=["POST"]),
    Route("/studio/d/{draft}/raw/{path:path}", download, methods=["GET"]),
    Route("/studio/d/{draft}/flows/{flow}/yaml", show, methods=["GET"]),
    Route("/studio/d/{draft}/files/{path:path}", show, methods=["GET"]),
    Route("/studio/d/{draft}/files/{path:path}", write, methods=["POST"]),
]
