"""The bundle that comes with Amana, and how tests look at what edits did to it."""

import difflib
from functools import cache
from pathlib import Path

from bot.flow.bundle import Bundle, belongs
from bot.flow.compiler import compile_bundle
from bot.flow.extract import catalog_sources
from bot.i18n.catalog import read_catalog, write_catalog
from bot.i18n.merge import update
from bot.studio.editing.sources import sources_of_bundle

ROOT = Path(__file__).parents[2]
FR, AR = "locales/fr/LC_MESSAGES/flows.po", "locales/ar/LC_MESSAGES/flows.po"


@cache
def shipped_bundle():
    paths = [*ROOT.glob("flows/*.yaml"), *ROOT.glob("flows/tests/*.chat"), *ROOT.glob("locales/*/LC_MESSAGES/*.po")]
    return Bundle({name: path.read_text("utf-8") for path in paths if belongs(name := path.relative_to(ROOT).as_posix())})


def difference(before, after, file):
    """The lines that went and came, with a sign before each."""
    lines = difflib.unified_diff(before[file].splitlines(), after[file].splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def changed_files(before, after):
    return {path for path in {*before, *after} if before.get(path) != after.get(path)}


def updated(bundle):
    """The bundle after `amana messages update`."""
    compiled = compile_bundle(bundle)
    sources = catalog_sources(compiled.draft.texts, compiled.draft.bot.source)
    paths = {language: path for language, path in (("fr", FR), ("ar", AR)) if path in bundle}
    files = {path: write_catalog(update(read_catalog(bundle[path], language), sources).catalog) for language, path in paths.items()}
    return Bundle({**bundle, **files})


def in_step_with_sources(bundle):
    """Whether `amana messages update` would find nothing to do."""
    sources = tuple(sources_of_bundle(bundle).values())
    return all(
        write_catalog(update(read_catalog(bundle[path], language), sources).catalog) == bundle[path]
        for language, path in (("fr", FR), ("ar", AR))
    )
