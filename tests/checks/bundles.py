"""A small service without a single problem, and bundles made of it."""

from datetime import date

from bot.flow.bundle import Bundle
from bot.flow.language import GLOBAL_WORDS
from tests.flow.bundles import SMALL

ON = date(2026, 11, 23)
WORDS = (
    "filler: [please]\nglobal:\n"
    + "".join(f"  {name}: {{en: [{name}, {', '.join(f'{name} w{number}' for number in range(14))}]}}\n" for name in GLOBAL_WORDS)
    + "danger:\n  fear:\n    flow: danger\n    words: {en: [kill ... me]}\n"
)
ROW = """  {id}:
    name: {name}
    country: {country}
    needs: [legal, ambulance, emergency]
    phone: ["15"]
    languages: [en]
    hours: always
    cost: free
    who-answers: A person
    may-follow: They listen.
    source: GUIDE
    source-date: 2026-06
    expires: 2027-01-31
    verified-by: amina
    verified-on: 2026-11-01
"""
DIRECTORY = (
    "needs: [legal, ambulance, emergency]\ncontacts:\n"
    + ROW.format(id="helpers", name="The helpers", country="DZ")
    + ROW.format(id="others", name="The others", country="MA")
)
MENU = (
    SMALL["flows/menu.yaml"]
    .replace("kept: What is kept", "kept: What is kept, try: Try")
    .replace("kept: privacy", "kept: privacy, try: try")
)
TRY = "flow: try\ntitle: Try\nsteps:\n  - say: hello\n    text: Hello.\n  - end\n"
CLEAN = {
    **SMALL,
    "flows/bot.yaml": SMALL["flows/bot.yaml"].replace("languages: [ar, fr, en]", "languages: [en]"),
    "flows/teams.yaml": SMALL["flows/teams.yaml"].replace("languages: [ar, fr]", "languages: [en]"),
    "flows/words.yaml": WORDS,
    "flows/directory.yaml": DIRECTORY,
    "flows/menu.yaml": MENU,
    "flows/try.yaml": TRY,
    "flows/tests/hello.chat": "flow: where\n> (starts)\n< where.country\n",
}
"""The small service of the flow tests in one language, with verified contacts, and a flow `try` that the list calls."""


def clean(**files: str) -> Bundle:
    """The clean service with these files of `flows/` in place of its own or beside them."""
    return Bundle({**CLEAN, **{f"flows/{name.replace('_', '-')}.yaml": text for name, text in files.items()}})


def changed(file: str, old: str, new: str) -> Bundle:
    """The clean service with one piece of one file written otherwise."""
    text = CLEAN[f"flows/{file}"]
    assert text.count(old) >= 1, old
    return Bundle({**CLEAN, f"flows/{file}": text.replace(old, new, 1)})


def trying(steps: str, head: str = "") -> Bundle:
    """The clean service with these steps in the flow `try`."""
    return clean(**{"try": f"flow: try\ntitle: Try\n{head}steps:\n{steps}"})
