"""Edits of the steps of a flow: put in, moved, taken away, given another name.

Rule 1: a step is known by its key: its name, or `#3` where it has none.
Rule 2: a name that other flows know it by (a shared answer) is not changed in one of them.
"""

from typing import Final, assert_never

from bot.flow.bundle import FLOWS, Bundle, flow_name
from bot.flow.language import NAME_RE, RESERVED
from bot.flow.outline import outline
from bot.flow.source import as_read
from bot.flow.sourcetexts import BOT_FILE
from bot.flow.tree import Plain
from bot.studio.editing.catalogs import all_forms, entry_in, said, with_entry
from bot.studio.editing.edits import AddStep, Clash, MoveStep, RemoveStep, RenameStep
from bot.studio.editing.outcome import shown, with_file
from bot.studio.editing.sources import sources_of_bundle
from bot.studio.files import safe
from bot.studio.files.hand import tidy
from bot.studio.files.reading import source_of, value_at
from bot.studio.files.renaming import renamed_in_flow, renamed_in_test, tests_with_fields, word_of
from bot.studio.files.steps import added, moved, name_of_step, names_of_steps, number_of_step, removed
from bot.studio.files.yamlfile import as_it_was, changed

StepEdit = AddStep | MoveStep | RemoveStep | RenameStep
_NO_PLACE: Final = "1:1: yaml: no step can stand here"


def apply_to_steps(bundle: Bundle, edit: StepEdit) -> Bundle | Clash:
    """The bundle with the edit made, or the clash."""
    file = f"{FLOWS}{edit.flow}.yaml"
    if file not in bundle.flow_paths():
        return Clash("gone", edit, _mine(edit))
    seen = outline(bundle[file])
    if seen.root is None:
        return Clash("form", edit, _mine(edit), f"{file}{seen.problems[0]}")
    match edit:
        case AddStep():
            return _add(bundle, edit, file, seen.text)
        case MoveStep():
            return _moved(bundle, edit, file, moved(file, seen.text, edit.step, edit.after))
        case RemoveStep():
            # Taken away by somebody else already: nothing is left to do.
            if number_of_step(seen.text, edit.step) is None and not edit.step.startswith("#"):
                return bundle
            return _moved(bundle, edit, file, removed(file, seen.text, edit.step))
        case RenameStep():
            return _rename(bundle, edit, file, seen.text)
        case _:
            assert_never(edit)


def _mine(edit: StepEdit) -> str:
    return shown(edit.step) if isinstance(edit, AddStep) and safe.is_value(edit.step) else ""


def _moved(bundle: Bundle, edit: StepEdit, file: str, new: str | None) -> Bundle | Clash:
    if new is None:
        return Clash("gone", edit, _mine(edit))
    if outline(new).root is None:
        return Clash("form", edit, _mine(edit), _NO_PLACE)
    return with_file(bundle, edit, file, as_it_was(bundle[file], new), _mine(edit))


def _add(bundle: Bundle, edit: AddStep, file: str, text: str) -> Bundle | Clash:
    step = safe.tidy_value(edit.step)
    if step is None or not isinstance(step, dict) or not step:
        return Clash("form", edit, "", _NO_PLACE)
    if fault := safe.fault_of_value(step) or _fault_of_texts(edit):
        return Clash("form", edit, shown(step), fault)
    name = name_of_step(step)
    if name in names_of_steps(text):
        there = value_at(bundle, file, ("steps", f"@{name}"))
        return bundle if there == step else Clash("changed", edit, shown(step), shown(there))
    new = added(file, text, edit.after, step)
    after = _moved(bundle, edit, file, new)
    if isinstance(after, Clash) or not _reads(after, file, name, step):
        return after if isinstance(after, Clash) else Clash("form", edit, shown(step), _NO_PLACE)
    return _with_texts(after, edit)


def _reads(bundle: Bundle, file: str, name: str | None, step: Plain) -> bool:
    """Whether a step with a name says what was asked."""
    return name is None or value_at(bundle, file, ("steps", f"@{name}")) == step


def _fault_of_texts(edit: AddStep) -> str:
    texts = (text for texts in edit.texts.values() for text in texts.values())
    return next(filter(None, (safe.fault_of_text(tidy(text), isolates=True) for text in texts)), "")


def _with_texts(bundle: Bundle, edit: AddStep) -> Bundle:
    """The bundle with what was written beside the step in other languages."""
    paths, source = bundle.catalog_paths(), source_of(bundle)
    for language, texts in edit.texts.items():
        for id_, text in texts.items() if language in paths and language != source else ():
            entry = entry_in(bundle, id_, language)
            if entry is not None and tidy(text) and id_.startswith(f"{edit.flow}."):
                forms = all_forms(entry, language, (tidy(text),))
                bundle = with_entry(bundle, id_, language, lambda old, at=bundle, forms=forms: said(at, old, forms))  # type: ignore[misc]
    return bundle


def _rename(bundle: Bundle, edit: RenameStep, file: str, text: str) -> Bundle | Clash:
    steps = names_of_steps(text)
    if edit.step not in steps:
        return Clash("gone", edit)
    if edit.to == edit.step:
        return bundle
    if fault := _fault_of_name(bundle, edit, text):
        return Clash("form", edit, edit.to, f"{file}:1:1: name: {fault}")
    new = renamed_in_flow(text, edit.step, edit.to)
    if outline(new).root is None:
        return Clash("form", edit, edit.to, _NO_PLACE)
    files = {**bundle, **_tests(bundle, edit, text), **_fear_first(bundle, edit)}
    start = f"{edit.flow}.{edit.step}"
    names = {
        id_: f"{edit.flow}.{edit.to}{id_[len(start) :]}"
        for id_ in sources_of_bundle(bundle)
        if id_ == start or id_.startswith((f"{start}.", f"{start}:"))
    }
    return with_file(Bundle(files), edit, file, as_it_was(bundle[file], new), edit.to, names=names)


def _fear_first(bundle: Bundle, edit: RenameStep) -> dict[str, str]:
    """bot.yaml, where the step is named as one that asks about fear."""
    asks = value_at(bundle, BOT_FILE, ("fear-first", "asks"))
    place = asks.index(f"{edit.flow}.{edit.step}") if isinstance(asks, list) and f"{edit.flow}.{edit.step}" in asks else -1
    new = changed(BOT_FILE, bundle[BOT_FILE], ("fear-first", "asks", f"#{place}"), f"{edit.flow}.{edit.to}") if place >= 0 else None
    return {} if new is None else {BOT_FILE: new}


def _tests(bundle: Bundle, edit: RenameStep, text: str) -> dict[str, str]:
    is_answer = word_of(text, edit.step) in ("ask", "consent")
    fields = frozenset(tests_with_fields(bundle, edit.flow, edit.step)) if is_answer else frozenset()
    return {
        path: as_it_was(bundle[path], renamed_in_test(as_read(bundle[path]), edit.flow, edit.step, edit.to, fields=path in fields))
        for path in bundle.test_paths()
    }


def _fault_of_name(bundle: Bundle, edit: RenameStep, text: str) -> str:
    """Why the step cannot bear that name; empty when it can."""
    of_its_type = edit.to in ("country", "language") and value_at(bundle, f"{FLOWS}{edit.flow}.yaml", ("steps", f"@{edit.step}", edit.to))
    if NAME_RE.fullmatch(edit.to) is None or (edit.to in RESERVED and not of_its_type):
        return "a name is made of a-z, 0-9 and -, begins with a letter, has at most 40 letters, and is no word of the language"
    if edit.to in names_of_steps(text):
        return f"‹{edit.to}› is the name of another step"
    if edit.to in {flow_name(path) for path in bundle.flow_paths()}:
        return f"‹{edit.to}› is the name of a flow"
    shared = value_at(bundle, BOT_FILE, ("shared",))
    if word_of(text, edit.step) == "ask" and isinstance(shared, list) and edit.step in shared:
        return f"‹{edit.step}› is an answer that other flows share"
    return ""
