"""A flow as long as one may get, in the shipped service: valid, translated, with branches, jumps, a consent and calls.

Rule 1: the same numbers give the same bytes.
Rule 2: the bundle has no problem but those the shipped one has; the list leads to the long flow in one town that no test names.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from bot.bootstrap.flows import read_flows
from bot.flow.bundle import Bundle
from bot.flow.extract import texts_of
from bot.i18n.catalog import Catalog, Entry, read_catalog, write_catalog

ROOT = Path(__file__).parents[2]
STEPS = 300
_BLOCK = 12
_WAY_IN = "  - if: place is annaba\n    call: {name}\n"
_MENU_HERE = "  - set: reason\n    to: usual\n"
_WORDS: dict[str, Callable[[str], str]] = {
    "fr": lambda source: f"Ceci est la partie {_number(source)} du parcours.",
    "ar": lambda source: f"هذا هو الجزء \u2066{_number(source)}\u2069 من المسار.",
}
_ASKED: dict[str, Callable[[str], str]] = {
    "fr": lambda source: f"Voici la question {_number(source)}.\nAimeriez-vous continuer\u00a0?",
    "ar": lambda source: f"هذا هو السؤال \u2066{_number(source)}\u2069.\nهل هناك رغبة في المتابعة؟",
}
_SHORT = {
    "fr": {"a": "Premier", "b": "Deuxième", "c": "Autre chose"},
    "ar": {"a": "الأول", "b": "الثاني", "c": "شيء آخر"},
}


@cache
def shipped() -> Bundle:
    """The bundle that this repository ships."""
    return read_flows(ROOT)


@cache
def large(steps: int = STEPS, name: str = "large") -> Bundle:
    """The shipped bundle with a flow of exactly so many steps (24 at least), whole in every language."""
    menu = shipped()["flows/menu.yaml"]
    assert menu.count(_MENU_HERE) == 1
    bundle = shipped().with_file("flows/menu.yaml", menu.replace(_MENU_HERE, _WAY_IN.format(name=name) + _MENU_HERE))
    bundle = bundle.with_file(f"flows/{name}.yaml", large_text(steps, name))
    for language, path in shipped().catalog_paths().items():
        bundle = bundle.with_file(path, _translated(bundle, name, language, read_catalog(bundle[path], language)))
    return bundle


def large_text(steps: int = STEPS, name: str = "large") -> str:
    """The file of the long flow."""
    blocks = (steps - _BLOCK) // _BLOCK
    over = steps - _BLOCK - blocks * _BLOCK
    body = "".join(_block(number, blocks) for number in range(1, blocks + 1))
    more = "".join(f"  - say: more-{number}\n    text: This is part {blocks * 100 + number} of the way.\n" for number in range(1, over + 1))
    return f"# A long flow.\nflow: {name}\ntitle: A long way\nsteps:\n{body}{_last(blocks, more)}"


def _block(number: int, blocks: int) -> str:
    """Twelve steps: a question with a set of choices, a branch by decision, a run of texts, a question that jumps back or on."""
    on = f"ask-{number + 1}" if number < blocks else "last"
    far = f"ask-{min(blocks, number + 5)}"
    return f"""\
  # part {number}
  - ask: ask-{number}
    text: |
      This is question {number * 100}.
      Would you like to go on?
    choices: {{a: First, b: Second, c: Something else}}
    skip: yes
    go: {{c: side-{number}}}
  - say: one-{number}
    text: This is part {number * 100 + 1} of the way.
    source: SEED-A
  - say: two-{number}
    text: This is part {number * 100 + 2} of the way.
  - decide: path-{number}
    rows:
      - {{if: ask-{number} is a, go: three-{number}, source: SEED-A}}
      - {{go: four-{number}, source: SEED-A}}
  - say: three-{number}
    text: This is part {number * 100 + 3} of the way.
  - go: check-{number}
  - if: country is DZ
    say: four-{number}
    text: This is part {number * 100 + 4} of the way.
  - {"call: where" if number % 5 == 0 else f"say: five-{number}"}
{"" if number % 5 == 0 else f"    text: This is part {number * 100 + 5} of the way.{chr(10)}"}\
  - ask: check-{number}
    text: |
      This is question {number * 100 + 6}.
      Would you like to go on?
    choices: yes-no-unsure
    private: yes
    go: {{yes: {on}, no: {far}}}
  - go: {"what-now" if number % 6 == 0 else on}
  - say: side-{number}
    text: This is part {number * 100 + 7} of the way.
  - go: check-{number}
"""


def _last(blocks: int, more: str) -> str:
    return f"""\
  - say: last
    text: This is part 1 of the way.
  - contacts: numbers
    need: legal
    max: 1
    none: We have no checked number today.
  - ask: what-now
    text: What would you like now?
    choices: {{a: First, b: Second, c: Something else}}
    skip: yes
    go: {{a: ask-1, b: ask-{blocks}, c: bye}}
  - consent: share
    to: return-desk
    shows: [what, country]
    text: A person can answer you here.
    no: bye
  - ask: what
    label: What it is about
    text: What is it about?
    choices: {{a: First, b: Second, c: Something else}}
    skip: yes
  - handoff: desk
    with: share
{more}  - pages: pages
    list:
      - {{page: first, text: This is part 2 of the way.}}
      - {{page: second, text: This is part 3 of the way.}}
  - forget: answers
  - call: who-are-you
  - go: bye
  - say: bye
    text: This is part 4 of the way.
  - end
"""


_FIXED = {
    "what-now": ("Que voulez-vous faire maintenant\u00a0?", "ما المطلوب الآن؟"),
    "share": ("Quelqu’un peut vous répondre ici.", "يمكن أن يجيب شخص هنا."),
    "what": ("De quoi s’agit-il\u00a0?", "ما الموضوع؟"),
    "what:label": ("Le sujet", "الموضوع"),
    "numbers:none": ("Nous n’avons pas de numéro vérifié aujourd’hui.", "لا يوجد لدينا رقم تم التحقق منه اليوم."),
}


def _translated(bundle: Bundle, name: str, language: str, catalog: Catalog) -> str:
    entries = dict(catalog.entries)
    for text in texts_of(bundle):
        if text.file == f"flows/{name}.yaml":
            said = _said(text.id.removeprefix(name), text.text, language)
            entries[text.id] = Entry(context=text.id, source=text.text, forms=(said,), places=((text.file, text.line),), notes=(text.note,))
    return write_catalog(Catalog(language, entries, catalog.obsolete))


def _said(place: str, source: str, language: str) -> str:
    if place == ":title":
        return {"fr": "Un long parcours", "ar": "مسار طويل"}[language]
    parts = place.removeprefix(".").split(".")
    if parts[0] in _FIXED and len(parts) == 1:
        return _FIXED[parts[0]][("fr", "ar").index(language)]
    if parts[-1] in _SHORT[language]:
        return _SHORT[language][parts[-1]]
    return (_ASKED if source.startswith("This is question") else _WORDS)[language](source)


def _number(source: str) -> str:
    return next(word.rstrip(".") for word in source.split() if word.rstrip(".").isdigit())
