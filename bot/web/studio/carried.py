"""Texts as files: what is sent to a translator, and what comes back, shown before anything changes.

Rule 1: a file is read on the bench; what it would change is shown, and written only as what was chosen there.
Rule 2: what was shown travels with the page, squeezed; what comes back is read as anything that anybody may have sent.
"""

import base64
import binascii
import zlib
from collections.abc import Sequence
from urllib.parse import quote

import msgspec
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.i18n.sheet import SheetError
from bot.studio.drafts.parts import NotAllowed
from bot.studio.translating.carrying import po_of, sheet_of
from bot.studio.translating.intake import AT_ONCE, LARGEST, Plan, Planned, Refusal, edits_of, planned
from bot.studio.translating.texts import coverage
from bot.web.errors import page as error_page
from bot.web.studio.frame import Sight, drawn, sight_of
from bot.web.studio.texts import NAMES

SHOWN = 400
"""Lines that are shown one by one; the rest is taken or left as a whole."""
UNPACKED = 8 * 1024 * 1024
_TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}
_packed = msgspec.json.Decoder(tuple[Planned, ...]).decode


async def files(request: Request) -> Response:
    """Files to send, and a place to take one back."""
    sight = await sight_of(request)
    return sight if isinstance(sight, Response) else await _page(sight)


async def _page(sight: Sight, *, refusal: Refusal | None = None) -> Response:
    counts = await sight.studio.bench(coverage, sight.bundle)
    status = 422 if refusal is not None else 200
    return await drawn(sight, "studio/texts_files.html", status=status, tab="texts", counts=counts, names=NAMES, refusal=refusal)


async def send(request: Request) -> Response:
    """One file for a translator."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    name: str = request.path_params["name"]
    stem, _, kind = name.rpartition(".")
    body: bytes | None = None
    if stem == "texts" and kind in _TYPES:
        try:
            body = await sight.studio.bench(sheet_of, sight.bundle, "csv" if kind == "csv" else "xlsx")
        except SheetError:
            return error_page(request, 500)
    elif kind == "po":
        text = await sight.studio.bench(po_of, sight.bundle, stem)
        body = None if text is None else text.encode()
    if body is None:
        return error_page(request, 404)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(body, media_type=_TYPES.get(kind, "text/x-gettext-translation; charset=utf-8"), headers=headers)


async def take(request: Request) -> Response:
    """Show what a file would change."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    async with request.form(max_files=1, max_fields=8) as form:
        sent = form.get("file")
        name = (sent.filename or "")[-200:] if isinstance(sent, UploadFile) else ""
        content = await sent.read(LARGEST + 1) if isinstance(sent, UploadFile) else b""
    try:
        plan: Plan = await sight.studio.bench(planned, sight.bundle, name, content if name else b"")
    except TimeoutError:
        plan = Plan(refusal=Refusal("slow"))
    if plan.refusal is not None:
        return await _page(sight, refusal=plan.refusal)
    return await drawn(
        sight, "studio/texts_intake.html", tab="texts", plan=plan, shown=plan.planned[:SHOWN], rest=len(plan.planned) - SHOWN,
        packed=_pack(plan.planned), action=sight.parts.chance(16), names=NAMES, at_once=AT_ONCE, file=name,
    )  # fmt: skip


async def write(request: Request) -> Response:
    """Write what was chosen."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    form = await request.form(max_files=0, max_fields=SHOWN + 50, max_part_size=LARGEST)
    taken = _taken(_unpack(str(form.get("packed", ""))), form)
    edits = await sight.studio.bench(edits_of, sight.bundle, taken)
    clashed = 0
    if edits:
        try:
            done = await sight.studio.workshop.edit(
                sight.head.id, edits, by=sight.member.id, action=str(form.get("action", ""))[:64] or "-"
            )
        except (KeyError, NotAllowed):
            return error_page(request, 404)
        clashed = len(done.clashes)
    return RedirectResponse(f"/studio/d/{sight.head.id}/texts?written={max(len(taken) - clashed, 0)}&clashed={clashed}", 303)


def _taken(found: Sequence[Planned], form: FormData) -> tuple[Planned, ...]:
    chosen = {str(value) for value in form.getlist("take")}
    rest = "rest" in chosen
    return tuple(one for number, one in enumerate(found) if (str(number) in chosen if number < SHOWN else rest and one.kind in AT_ONCE))


def _pack(found: Sequence[Planned]) -> str:
    return base64.b64encode(zlib.compress(msgspec.json.encode(found), 9)).decode()


def _unpack(packed: str) -> tuple[Planned, ...]:
    """What the page was given, if it is that; raises `HTTPException` 422."""
    try:
        unpacking = zlib.decompressobj()
        found = unpacking.decompress(base64.b64decode(packed, validate=True), UNPACKED)
        if unpacking.unconsumed_tail:
            raise HTTPException(413)
        return _packed(found)
    except (binascii.Error, zlib.error, msgspec.MsgspecError, ValueError):
        raise HTTPException(422) from None


ROUTES = [
    Route("/studio/d/{draft}/texts/files", files, methods=["GET"]),
    Route("/studio/d/{draft}/texts/files", take, methods=["POST"]),
    Route("/studio/d/{draft}/texts/take", write, methods=["POST"]),
    Route("/studio/d/{draft}/texts/files/{name}", send, methods=["GET"]),
]
