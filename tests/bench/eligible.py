"""The measured conversation as a bundle: our flows in `eligibility/`, with the texts of a workload put into them.

Rule 1: a workload is a folder with `texts.json`: `texts` and `buttons` by language, and a list of places (key, Arabic, English); texts and
buttons count by their place in the file: eight questions in the order they are asked; yes, no, agree, refuse, and three of the menu.
Rule 2: what the machine itself says, and the words it knows, are those that are shipped: nothing of the work of an update is left out.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from bot.flow.bundle import Bundle
from bot.flow.compiler import read_draft
from bot.i18n.catalog import Catalog, Entry, read_catalog, write_catalog

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
QUESTIONS = 8
BUTTONS = ("yes", "no", "consent", "refuse", "elig", "faq", "agent")
SOURCE, OTHER = "en", "ar"
_TOKEN = re.compile("‹([a-z0-9-]+)›")


def read_workload(folder: Path) -> Mapping[str, Any]:
    """Give what the workload says."""
    return cast("Mapping[str, Any]", json.loads((folder / "texts.json").read_text(encoding="utf-8")))


def bundle(workload: Mapping[str, Any]) -> Bundle:
    """Give the bundle that plays this workload."""
    said = {language: _said(workload, language) for language in (SOURCE, OTHER)}
    files = {
        f"flows/{path.name}": _filled(path.read_text(encoding="utf-8"), said[SOURCE])
        for path in sorted((HERE / "eligibility").glob("*.yaml"))
    }
    shipped = (ROOT / "flows" / "bot.yaml").read_text(encoding="utf-8")
    files["flows/bot.yaml"] += "\ntexts:\n" + shipped.partition("\ntexts:\n")[2]
    files["flows/words.yaml"] = _words((ROOT / "flows" / "words.yaml").read_text(encoding="utf-8"))
    plain = Bundle(files)
    return plain.with_file("locales/ar/LC_MESSAGES/flows.po", write_catalog(_catalog(plain, said)))


def _said(workload: Mapping[str, Any], language: str) -> dict[str, str]:
    """Token → what is said in this language."""
    texts = workload["texts"][language]
    results = texts if "can-ask" in texts else json.loads((HERE / "eligibility" / "results.json").read_text(encoding="utf-8"))[language]
    said = {str(n): text for n, text in enumerate(list(texts.values())[:QUESTIONS], 1)}
    said |= dict(zip(BUTTONS, workload["buttons"][language].values(), strict=True))
    return (
        said
        | {key: results[key] for key in ("can-ask", "cannot-ask")}
        | {f"place-{key}": name for key, name in _places(workload, language)}
    )


def _places(workload: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    rows = next(rows for rows in workload.values() if isinstance(rows, list))
    return [(key, arabic if language == OTHER else english) for key, arabic, english in rows]


def _filled(text: str, said: Mapping[str, str]) -> str:
    places = {name.removeprefix("place-"): words for name, words in said.items() if name.startswith("place-")}
    known = {**{name: _quoted(words) for name, words in said.items()}, "places": _quoted(places)}
    return _TOKEN.sub(lambda found: known[found.group(1)], text)


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _words(shipped: str) -> str:
    """The shipped words; every danger opens the one flow of danger that there is here."""
    return re.sub(r"(?m)^    flow: .*$", "    flow: danger", shipped)


def _catalog(plain: Bundle, said: Mapping[str, Mapping[str, str]]) -> Catalog:
    """The Arabic of every text: the workload's, and what is shipped of the engine's own."""
    shipped = read_catalog((ROOT / "locales" / "ar" / "LC_MESSAGES" / "flows.po").read_text(encoding="utf-8"), OTHER)
    of_source = {words.strip(): said[OTHER][name] for name, words in said[SOURCE].items()}
    entries = {name: entry for name, entry in shipped.entries.items() if name.startswith("unit.")}
    for text in read_draft(plain).texts:
        words = of_source.get(text.text.strip())
        known = shipped.entries.get(text.id)
        if words is not None:
            entries[text.id] = Entry(context=text.id, source=text.text, forms=(words,))
        elif known is not None and known.source == text.text:
            entries[text.id] = known
    return Catalog(OTHER, entries)
