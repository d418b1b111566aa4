"""Contacts: the directory as a table, and each contact as a form.

Rule 1: a contact is called checked only by the hand of a colleague who says that they rang it, under their tree.
Rule 2: what will be hidden, and whom that leaves without a number, is said before it is so.
Rule 3: a number that was corrected is not called checked because the old one was: it waits to be rung.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.flow.language import DAYS, NAME_RE, RESERVED
from bot.studio.editing.edits import Clash, Edit, SetValue
from bot.studio.files.filenames import free, stem_of
from bot.studio.showing.listing import DIRECTORY, ORDER, Listing, Row, called, cards_of, listing, rung
from bot.web.errors import page as error_page
from bot.web.studio.contact_form import added, blank, edits_for, faults, fields_from, fields_of, packed, seen_of
from bot.web.studio.editing import written
from bot.web.studio.frame import Sight, day_of, drawn, health_of, sight_of, today

SAID = ("saved", "rang", "added", "removed", "same", "number")
REACHED = frozenset({"phone", "whatsapp", "email"})
"""The fields that ringing it proved."""
RUNG = ("verified-by", "verified-on")
LONGEST_SPAN = 366
"""Days for which a contact may be said to hold at most."""


async def _listed(sight: Sight) -> Listing:
    return await sight.studio.bench(listing, sight.bundle, sight.parts.clock.now(), sight.language)


# ── the table ──
async def everything(request: Request) -> Response:
    """The directory."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    listed, asked = await _listed(sight), request.query_params
    need, state, country = asked.get("need", ""), asked.get("state", ""), asked.get("country", "")
    rows = sorted((row for row in listed.rows if _fits(row, need, state, country)), key=_urgent)
    groups = [(code, name, [row for row in rows if row.one("country") == code]) for code, name in listed.countries.items()]
    strange = [row for row in rows if row.one("country") not in listed.countries]
    said = asked.get("said", "")
    return await drawn(
        sight, "studio/contacts.html", tab="contacts", listed=listed, groups=groups, strange=strange, need=need, state=state,
        country=country,
        states=[(name, n) for name in ORDER if (n := sum(row.state == name for row in listed.rows))],
        called=called, said=said if said in SAID else "", until=rung(today(sight))[1], **_names(sight),
    )  # fmt: skip


def _urgent(row: Row) -> tuple[int, int]:
    return ORDER.index(row.state), row.days if row.state in {"past", "soon"} else 0


def _fits(row: Row, need: str, state: str, country: str) -> bool:
    return (not need or need in row.several("needs")) and state in ("", row.state) and country in ("", row.one("country"))


def _names(sight: Sight) -> dict[str, Any]:
    """What the templates call needs and days in words."""
    words = sight.request.app.state.pages.words

    def need(id_: str) -> str:
        try:
            return str(words(f"contact.need.{id_}", sight.language))
        except KeyError:
            return id_

    return {"need_of": need, "day_of": day_of, "days": DAYS}


# ── one contact ──
async def one(request: Request) -> Response:
    """The form of one contact."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    listed = await _listed(sight)
    row = listed.row(request.path_params["contact"])
    if row is None:
        return error_page(request, 404)
    said = request.query_params.get("said", "")
    return await _form(sight, listed, row, fields_of(row, listed), said=said if said in SAID else "")


async def _form(
    sight: Sight, listed: Listing, row: Row | None, fields: Mapping[str, str], *, seen: Mapping[str, str] | None = None, id_: str = "",
    wrong: Mapping[str, str] | None = None, clashes: Sequence[Clash] = (), said: str = "",
) -> Response:  # fmt: skip
    shown = await sight.studio.bench(cards_of, sight.bundle, row.id, sight.parts.clock.now()) if row is not None else None
    health = await health_of(sight)
    found = [each for each in health.found if each.area == "contacts" and row is not None and each.item == row.id] if health else []
    return await drawn(
        sight, "studio/contact.html", tab="contacts", status=422 if wrong or clashes else 200, listed=listed, row=row, f=fields,
        wrong=wrong or {}, was=packed(seen if seen is not None else fields), clashes=clashes, said=said,
        shown=shown, found=found, id_=id_, called=called,
        left=listed.left_alone(row) if row is not None else (), uses=listed.uses_of(row) if row is not None else (),
        until=rung(today(sight))[1], last=_furthest(sight), first=today(sight).isoformat(), **_names(sight),
    )  # fmt: skip


async def save(request: Request) -> Response:
    """Write what was changed in the form."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    listed, form = await _listed(sight), await request.form()
    row = listed.row(request.path_params["contact"])
    if row is None:
        return error_page(request, 404)
    now = fields_of(row, listed)
    fields, seen = fields_from(form, now), seen_of(form) or now
    # What was wrong before and was not touched does not hold up a new number.
    wrong = {name: why for name, why in faults(fields, listed.languages[0]).items() if fields[name] != now[name] or why == "no-day"}
    if wrong:
        return await _form(sight, listed, row, fields, seen=seen, wrong=wrong)
    edits = edits_for(row.id, fields, seen, row, listed)
    if not edits:
        return RedirectResponse(f"/studio/d/{sight.head.id}/contacts/{row.id}?said=same", 303)
    unproved = _unproved(row, edits)
    said = "number" if unproved else "saved"
    return await _made(sight, [*edits, *unproved], Told(listed, row, fields, f"/contacts/{row.id}?said={said}"))


def _unproved(row: Row, edits: Sequence[Edit]) -> list[Edit]:
    """What takes away that it was rung, if it is now reached by something else."""
    if not any(isinstance(edit, SetValue) and edit.path[-1] in REACHED for edit in edits):
        return []
    return [SetValue(DIRECTORY, ("contacts", row.id, key), None, row.is_[key]) for key in RUNG if key in row.is_]


class Told(NamedTuple):
    """What a page is drawn with if an edit was not made, and where it goes on if it was."""

    listed: Listing
    row: Row | None
    fields: Mapping[str, str]
    then: str


async def _made(sight: Sight, edits: list[Edit], told: Told) -> Response:
    done = await written(sight, edits)
    if isinstance(done, Response):
        return done
    if done:
        return await _form(sight, told.listed, told.row, told.fields, clashes=done)
    return RedirectResponse(f"/studio/d/{sight.head.id}{told.then}", 303)


async def rang(request: Request) -> Response:
    """Note that the colleague rang it today, and until when that holds."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    listed, form = await _listed(sight), await request.form()
    row = listed.row(request.path_params["contact"])
    if row is None:
        return error_page(request, 404)
    day, until = rung(today(sight))
    asked = str(form.get("until", "")) or until
    if not day < asked <= _furthest(sight):
        return await _form(sight, listed, row, fields_of(row, listed), wrong={"until": "until"})
    values = {"expires": asked, "verified-by": sight.member.name, "verified-on": day}
    edits: list[Edit] = [SetValue(DIRECTORY, ("contacts", row.id, key), value, row.is_.get(key)) for key, value in values.items()]
    back = "/contacts" if form.get("from") == "table" else f"/contacts/{row.id}"
    return await _made(sight, edits, Told(listed, row, fields_of(row, listed), f"{back}?said=rang"))


def _furthest(sight: Sight) -> str:
    return (today(sight) + timedelta(days=LONGEST_SPAN)).isoformat()


async def new(request: Request) -> Response:
    """An empty form."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    listed = await _listed(sight)
    asked = request.query_params
    fields = {**blank(listed, today(sight)), "needs": asked.get("need", "") if asked.get("need", "") in listed.needs else ""}
    if asked.get("country", "") in listed.countries:
        fields["country"] = asked["country"]
    return await _form(sight, listed, None, fields)


async def add(request: Request) -> Response:
    """Put a new contact into the directory."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    listed, form = await _listed(sight), await request.form()
    fields, stated = fields_from(form, blank(listed, today(sight))), str(form.get("id", "")).strip().lower()
    wrong = faults(fields, listed.languages[0])
    id_ = stated or _named(fields, listed)
    if NAME_RE.fullmatch(id_) is None or id_ in RESERVED or listed.row(id_) is not None:
        wrong["id"] = "id"
    if wrong:
        return await _form(sight, listed, None, fields, wrong=wrong, id_=stated)
    return await _made(sight, added(id_, fields, listed), Told(listed, None, fields, f"/contacts/{id_}?said=added"))


async def remove(request: Request) -> Response:
    """Take a contact away."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    listed = await _listed(sight)
    row = listed.row(request.path_params["contact"])
    if row is None:
        return RedirectResponse(f"/studio/d/{sight.head.id}/contacts", 303)
    edits: list[Edit] = [SetValue(DIRECTORY, ("contacts", row.id), None, dict(row.is_))]
    return await _made(sight, edits, Told(listed, row, fields_of(row, listed), "/contacts?said=removed"))


def _named(fields: Mapping[str, str], listed: Listing) -> str:
    """A name for the file, from what the contact is called, with its country."""
    stem = stem_of((fields[f"name.{code}"] for code in listed.languages), "contact")
    return free(f"{stem}-{fields['country'].lower()}" if fields["country"] else stem, [row.id for row in listed.rows])


ROUTES = [
    Route("/studio/d/{draft}/contacts", everything, methods=["GET"]),
    Route("/studio/d/{draft}/contacts", add, methods=["POST"]),
    Route("/studio/d/{draft}/contacts/new", new, methods=["GET"]),
    Route("/studio/d/{draft}/contacts/{contact}", one, methods=["GET"]),
    Route("/studio/d/{draft}/contacts/{contact}", save, methods=["POST"]),
    Route("/studio/d/{draft}/contacts/{contact}/rang", rang, methods=["POST"]),
    Route("/studio/d/{draft}/contacts/{contact}/remove", remove, methods=["POST"]),
]
