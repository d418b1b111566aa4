"""What the Python rivals say: the texts of the workload, by language."""

import json
import os
from pathlib import Path

_W = json.loads(Path(os.environ["WORKLOAD_DIR"], "texts.json").read_text(encoding="utf-8"))
TEXTS, BUTTONS = _W["texts"], _W["buttons"]
PLACES = {language: {key: (arabic if language == "ar" else english) for key, arabic, english in _W["places"]} for language in TEXTS}
LANGUAGES = {"ar": "العربية", "en": "English"}
PORT, API, REDIS, TOKEN = int(os.environ["PORT"]), os.environ["API_BASE"], os.environ["REDIS_URL"], os.environ["BOT_TOKEN"]
HOOK, SECRET = os.environ["WEBHOOK_URL"], os.environ["WEBHOOK_SECRET"]
DAY = 86_400


def number(text: str | None, least: int, most: int) -> int | None:
    """The number that was typed, if it is one of these."""
    found = int(text) if text and text.isdigit() else None
    return found if found is not None and least <= found <= most else None


def result(known: dict, name: str) -> str:
    """The last message."""
    language = known["language"]
    can = (known["either"] == "yes" and known["amount"] < 200) or known["amount"] < 100
    said = {
        "full-name": name, "count": known["count"], "either": BUTTONS[language][known["either"]],
        "place": PLACES[language][known["place"]], "amount": known["amount"],
    }  # fmt: skip
    text = TEXTS[language]["can-ask" if can else "cannot-ask"]
    for key, value in said.items():
        text = text.replace(f"{{{key}}}", str(value))
    return text
