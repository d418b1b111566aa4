"""Five hundred edits of every kind: files stay what a person would have written, and every edit can be told from the lines it changed."""

import difflib
import re

import pytest

from bot.flow.bundle import Bundle
from bot.flow.outline import outline
from bot.studio.editing.apply import apply
from bot.studio.editing.catalogs import entry_in
from bot.studio.editing.edits import AddStep, Clash, Confirm, MoveStep, RemoveStep, RenameStep, SetText, SetValue, WriteFile
from bot.studio.editing.sources import is_whole
from bot.studio.files.hand import tidied, tidy
from bot.studio.files.potext import blocks_of
from bot.studio.files.reading import text_of, value_at
from tests.studio.edits_at_random import Author
from tests.studio.shipped import changed_files, in_step_with_sources, shipped_bundle

SEEDS, EACH = 25, 20


def hunks(before, after):
    matcher = difflib.SequenceMatcher(None, before.split("\n"), after.split("\n"), autojunk=False)
    return [code for code in matcher.get_opcodes() if code[0] != "equal"]


def comments(text):
    return [line.strip() for line in text.split("\n") if line.lstrip().startswith("# ")]


def known_whole(bundle):
    return all(is_whole(path, text) for path, text in bundle.items() if path.startswith("flows/") and path.endswith(".yaml"))


def forms_of(text, language):
    return {block.live.context: block.live.forms for block in blocks_of(text, language) if block.live}


def check_what_it_did(before, after, made):
    edit = made.edit
    catalogs = set(before.catalog_paths().values())
    allowed = {made.file, *catalogs, *((*before.test_paths(), "flows/bot.yaml") if isinstance(edit, RenameStep) else ())}
    assert changed_files(before, after) <= allowed
    if made.file.endswith(".yaml") and not isinstance(edit, WriteFile):
        assert outline(after[made.file]).root is not None
    if made.file.endswith(".yaml") and made.lines is not None and not isinstance(edit, AddStep):
        first, last = made.lines
        for _, start, end, _, _ in hunks(before[made.file], after[made.file]):
            assert first <= start, (edit, start, first)
            onto_the_dash = 2 * (isinstance(edit, SetValue) and edit.value is None)
            to_the_top = int(isinstance(edit, RemoveStep))
            assert end <= last + 1 + onto_the_dash + to_the_top, (edit, end, last)
    if made.file.endswith(".yaml") and not isinstance(edit, RemoveStep | SetValue | WriteFile):
        assert sorted(comments(after[made.file])) == sorted(comments(before[made.file]))
    for path in changed_files(before, after) & catalogs:
        for language in ("fr", "ar"):
            if f"/{language}/" in path:
                was, now = forms_of(before[path], language), forms_of(after[path], language)
                assert {id_ for id_ in {*was} & {*now} if was[id_] != now[id_]} <= ({edit.id} if isinstance(edit, SetText) else set())


def check_that_it_says_so(after, edit):
    match edit:
        case SetText(id=id_, language=language, text=text):
            assert text_of(after, id_, language) == tidy(text)
        case SetValue(file=file, path=path, value=value) if value is not None:
            assert value_at(after, file, path) == tidied(value)
        case Confirm(id=id_, language=language):
            assert not entry_in(after, id_, language).fuzzy
        case AddStep(flow=flow, step=step) if len(step) > 1:
            name = next(value for key, value in step.items() if key in ("say", "ask", "pages", "decide"))
            assert value_at(after, f"flows/{flow}.yaml", ("steps", f"@{name}")) == tidied(step)


@pytest.mark.parametrize(("seed", "ends"), [*((seed, "lf") for seed in range(SEEDS)), (0, "crlf"), (1, "crlf")])
def test_every_edit_is_what_a_person_would_have_written(seed, ends):
    author, bundle, done, back = Author(seed + (1000 if ends == "crlf" else 0)), shipped_bundle(), 0, 0
    if ends == "crlf":
        bundle = Bundle(
            {path: text.replace("\n", "\r\n").removesuffix("\r\n") if path.endswith(".yaml") else text for path, text in bundle.items()}
        )
    while done < EACH:
        made = author.act(bundle)
        after = apply(bundle, made.edit) if made else None
        if made is None or isinstance(after, Clash):
            assert made is None or after.why in ("gone", "form", "changed")
            continue
        check_what_it_did(bundle, after, made)
        check_that_it_says_so(after, made.edit)
        if ends == "crlf":
            assert not any(re.search("(?<!\r)\n", text) for path, text in after.items() if path.endswith(".yaml"))
        undone = apply(after, made.back) if made.back else None
        if undone is not None:
            assert isinstance(undone, Bundle), (made, undone)
            back += undone == bundle
            if isinstance(made.edit, MoveStep | RenameStep | WriteFile | SetText):
                assert changed_files(undone, bundle) == set() or isinstance(made.edit, SetText), made
        done += 1
        if known_whole(after) or author.chance.random() < 0.1:
            bundle = after
        if done % 10 == 0 and ends == "lf" and known_whole(bundle):
            assert in_step_with_sources(bundle)
    assert back > EACH // 2
