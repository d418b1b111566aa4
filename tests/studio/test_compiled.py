"""What the studio finds is what `amana check` finds, whatever was looked at before."""

import pickle
import random
from dataclasses import replace
from types import MappingProxyType

import pytest

from bot.checks.check import check
from bot.flow.bundle import Bundle
from bot.flow.compiler import compile_bundle
from bot.flow.extract import catalog_sources, texts_of
from bot.i18n.catalog import Catalog, write_catalog
from bot.i18n.merge import empty_catalog, update
from bot.studio.bundle.compiled import compiled, findings
from bot.studio.bundle.kept import Kept, one
from tests.checks.bundles import CLEAN, ON, changed, clean
from tests.studio.large import shipped

FRENCH = "locales/fr/LC_MESSAGES/flows.po"


def in_two_languages() -> Bundle:
    """The clean service, translated into French by nobody who knows it."""
    bundle = clean(bot=CLEAN["flows/bot.yaml"].replace("languages: [en]", "languages: [en, fr]"))
    catalog = update(empty_catalog("fr"), catalog_sources(texts_of(bundle))).catalog
    entries = {id_: replace(entry, forms=tuple(entry.source for _ in entry.forms)) for id_, entry in catalog.entries.items()}
    return bundle.with_file(FRENCH, write_catalog(Catalog("fr", MappingProxyType(entries))))


def edited(bundle: Bundle, chance: random.Random) -> Bundle:
    """The bundle after one careless act on one file, or on two."""
    path, other = chance.choice(list(bundle)), chance.choice(list(bundle))
    lines = bundle[path].splitlines(keepends=True) or ["\n"]
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(9):
        case 0:
            del lines[one]
        case 1:
            lines.insert(two, lines[one])
        case 2:
            lines[one], lines[two] = lines[two], lines[one]
        case 3:
            lines[one] = lines[one].rstrip("\n") + chance.choice([" x", "!", "'", " {country}", " # why", ","]) + "\n"
        case 4:
            at = chance.randrange(len(lines[one]))
            lines[one] = lines[one][:at] + lines[one][at + 1 :]
        case 5:
            lines.insert(one, chance.choice(["  - end\n", "  - say: more\n    text: More.\n", "# a comment\n", "  - call: where\n"]))
        case 6:
            return bundle.with_file(path, bundle[other]).with_file(other, bundle[path])
        case 7:
            return bundle.without_file(path)
        case _:
            return bundle.with_file("flows/other.yaml", bundle[other])
    return bundle.with_file(path, "".join(lines))


def agrees(bundle: Bundle) -> None:
    kept, anew = compiled(bundle), compile_bundle(bundle)
    assert findings(bundle, ON) == check(bundle, ON)
    assert kept.problems == anew.problems
    assert kept.draft.texts == anew.draft.texts
    assert kept.catalogs == anew.catalogs
    assert (kept.program is None) == (anew.program is None)
    if kept.program is not None and anew.program is not None:
        assert {name: (flow.own, flow.prints, flow.at) for name, flow in kept.program.flows.items()} == {
            name: (flow.own, flow.prints, flow.at) for name, flow in anew.program.flows.items()
        }
        assert repr((kept.program.shared, kept.program.service, kept.program.teams)) == repr(
            (anew.program.shared, anew.program.service, anew.program.teams)
        )


@pytest.mark.parametrize("seed", range(8))
def test_hundreds_of_careless_edits_are_judged_as_by_check(seed: int) -> None:
    chance = random.Random(seed)
    first = bundle = in_two_languages()
    assert [problem for problem in check(first, ON) if problem.rule == "missing-translation"] == []
    for number in range(50):
        # Now and then back to what is whole, so that not everything is broken all the time, and to what is kept.
        bundle = edited(first if number % 4 == 0 else bundle, chance)
        agrees(bundle)
    agrees(first)


def test_the_shipped_service_is_judged_as_by_check_while_it_is_edited() -> None:
    chance = random.Random(11)
    first = bundle = shipped()
    for number in range(5):
        bundle = edited(first if number % 3 == 0 else bundle, chance)
        agrees(bundle)


def test_the_order_of_choices_is_never_that_of_another_draft() -> None:
    bundle, written = clean(), 'yes-no: {yes: "Yes", no: "No"}'
    turned = changed("bot.yaml", written, 'yes-no: {no: "No", yes: "Yes"}')
    for each in (bundle, turned, bundle):
        agrees(each)


def test_a_bundle_can_be_sent_to_another_process() -> None:
    bundle = clean()

    assert pickle.loads(pickle.dumps(bundle)) == bundle
    assert pickle.loads(pickle.dumps(findings(changed("try.yaml", "Hello.", "Hello!"), ON)))


def test_what_is_kept_is_bounded_and_the_longest_unused_goes_first() -> None:
    asked: list[str] = []

    def work(word: str) -> int:
        asked.append(word)
        return len(word)

    kept = Kept(work, key=str, weigh=one, most=2)
    assert [kept(word) for word in ("a", "bb", "a", "ccc", "a", "bb")] == [1, 2, 1, 3, 1, 2]
    assert asked == ["a", "bb", "ccc", "bb"]
    assert kept.held == 2
