"""A flow given another name, and acts that still call it by the old one.

Rule 1: every place that means the flow is renamed at once, or nothing is.
Rule 2: who has not heard of the new name loses no word: what they write goes where the flow is now.
"""

from collections.abc import Mapping, Sequence

from msgspec import structs

from bot.flow.bundle import FLOWS, NOT_FLOWS, Bundle, flow_name
from bot.flow.language import NAME_RE, RESERVED
from bot.studio.editing.catalogs import brought_along
from bot.studio.editing.edits import Clash, Confirm, Edit, RemoveFile, RenameFlow, SetText, SetValue, WriteFile
from bot.studio.editing.sources import sources_of_bundle
from bot.studio.files.renaming_flow import Unreadable, id_under, renamed_everywhere, renames
from bot.studio.files.steps import names_of_steps


def rename_flow(bundle: Bundle, edit: RenameFlow) -> Bundle | Clash:
    """The bundle with the flow under its new name, or the clash; `theirs` says why the name cannot be."""
    if f"{FLOWS}{edit.flow}.yaml" not in bundle.flow_paths():
        return Clash("gone", edit, edit.to)
    if edit.to == edit.flow:
        return bundle
    if why := why_not(bundle, edit.flow, edit.to):
        return Clash("form", edit, edit.to, f"{FLOWS}{edit.flow}.yaml:1:1: name: {why}")
    try:
        files = renamed_everywhere(bundle, edit.flow, edit.to)
    except Unreadable as unread:
        return Clash("form", edit, edit.to, str(unread))
    names = {id_: new for id_ in sources_of_bundle(bundle) if (new := id_under(id_, edit.flow, edit.to)) != id_}
    return brought_along(bundle, Bundle(files), names)


def with_renames(bundle: Bundle, before: Bundle, after: Bundle) -> Bundle:
    """The bundle with the flows renamed that have other names in `after` than in `before`, where that can be."""
    for flow, to in renames(before, after):
        done = rename_flow(bundle, RenameFlow(flow, to))
        bundle = bundle if isinstance(done, Clash) else done
    return bundle


def why_not(bundle: Bundle, flow: str, to: str) -> str:
    """Give why a flow cannot bear that name: `name` it cannot be one, `taken` by a flow, `step` a step bears it; empty: it can."""
    if NAME_RE.fullmatch(to) is None or to in RESERVED or to in NOT_FLOWS:
        return "name"
    if to != flow and to in {flow_name(path) for path in bundle.flow_paths()}:
        return "taken"
    return "step" if any(to in names_of_steps(bundle[path]) for path in bundle.flow_paths()) else ""


def redirected(bundle: Bundle, edits: Sequence[Edit], renamed: Mapping[str, str]) -> tuple[Edit, ...]:
    """The edits at the flows as they are called now. `renamed`: old name → new one; a flow that they begin is meant itself."""
    begun = {_flow_of(edit) for edit in edits if isinstance(edit, WriteFile) and edit.base is None}
    known = {old: new for old, new in renamed.items() if old not in begun}
    return tuple(_redirected(bundle, edit, known) for edit in edits) if known else tuple(edits)


def name_now(bundle: Bundle, flow: str, renamed: Mapping[str, str]) -> str:
    """Give the name that a flow has now; its own if it is there, or nowhere."""
    to, seen = flow, set[str]()
    while f"{FLOWS}{to}.yaml" not in bundle and to in renamed and to not in seen:
        seen.add(to)
        to = renamed[to]
    return to if f"{FLOWS}{to}.yaml" in bundle else flow


def _redirected(bundle: Bundle, edit: Edit, renamed: Mapping[str, str]) -> Edit:
    flow = _flow_of(edit)
    to = name_now(bundle, flow, renamed)
    if to == flow:
        return edit
    match edit:
        case SetText() | Confirm():
            return structs.replace(edit, id=id_under(edit.id, flow, to))
        case SetValue() | WriteFile() | RemoveFile():
            return structs.replace(edit, file=f"{FLOWS}{to}.yaml")
        case _:
            texts = getattr(edit, "texts", None)
            under = {language: {id_under(id_, flow, to): text for id_, text in said.items()} for language, said in (texts or {}).items()}
            return structs.replace(edit, flow=to, **({"texts": under} if texts else {}))


def _flow_of(edit: Edit) -> str:
    """The flow that an edit is at; empty if at none."""
    match edit:
        case SetText() | Confirm():
            return edit.id.partition(":")[0].partition(".")[0]
        case SetValue() | WriteFile() | RemoveFile():
            return flow_name(edit.file) if edit.file.startswith(FLOWS) and edit.file.endswith(".yaml") else ""
        case _:
            return edit.flow
