"""Forms of the studio as a browser would send them, and what an edit left in a file."""

import difflib
import html
import re
from typing import Any

from tests.web.stage import Stage

_CHOSEN = re.compile(r'<option(?: value="([^"]*)")? selected>([^<]*)|<option value="([^"]*)" selected')


def form_of(page: str, begins: str) -> dict[str, Any]:
    """What a browser would send of the form in whose tag these words stand."""
    form = page[page.index(begins) :].partition("</form>")[0]
    written = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL)
    fields: dict[str, Any] = {name: html.unescape(text) for name, text in written}
    for tag in re.findall(r"<input[^>]*>", form):
        kept = {key: html.unescape(value) for key, value in re.findall(r'([a-z]+)="([^"]*)"', tag)}
        if kept.get("type") in {"checkbox", "radio"}:
            if " checked" in tag:
                fields.setdefault(kept["name"], []).append(kept["value"])
        elif "name" in kept:
            fields[kept["name"]] = kept.get("value", "")
    for name, body in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = _CHOSEN.search(body)
        fields[name] = html.unescape((chosen[1] or chosen[3] or chosen[2] or "") if chosen else "")
    return fields


async def lines_changed(stage: Stage, draft: str, file: str) -> list[str]:
    """The lines of a file that are not as in what the draft was begun on."""
    before, after = (await stage.workshop.base(draft))[file], (await stage.workshop.bundle(draft))[file]
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
