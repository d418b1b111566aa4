"""Every sentence of a difference has its words in each language, and nothing of a file gets out unescaped."""

import re

import pytest

from bot.flow.bundle import Bundle
from bot.flow.model import STEP_MODELS, keys_of
from bot.flow.model_service import BotModel, ContactModel, KeepModel, LimitsModel, OnModel, SilenceModel, TeamModel
from bot.studio.comparing.changes import Called, Value, Words
from bot.studio.comparing.difference import difference
from bot.studio.comparing.settings_said import FIELDS
from bot.web.studio.sentences import Sentences, words_marked
from bot.web.wording.words import WORDING
from tests.checks.bundles import CLEAN
from tests.studio.test_difference import BEFORE
from tests.web.stage import words

SAYS = words()
HOSTILE = "<script>alert(1)</script>"
CHANGES = [
    ("flows/try.yaml", "{bad: sorry}", "{bad: sorry, unsure: danger}"),
    ("flows/try.yaml", "go: sorry, source: GUIDE", "go: leave, source: GUIDE"),
    ("flows/try.yaml", "if: how is bad", "if: (how is bad or how is unsure) and not known country or now is morning or team.desk is open"),
    ("flows/try.yaml", "How is it?", HOSTILE),
    (
        "flows/try.yaml",
        "  - end\n",
        "  - consent: share\n    to: desk\n    shows: [how]\n    text: Yes?\n    no: end\n    keep: 3 days\n  - end\n",
    ),
    (
        "flows/try.yaml",
        "  - end\n",
        "  - contacts: help\n    need: legal\n  - handoff: desk\n    to: desk\n  - forget: answers\n  - leave\n",
    ),
    ("flows/try.yaml", "say: fine", "say: fine\n    listen: yes"),
    ("flows/try.yaml", "steps:", f"sensitive: yes\nonly-from: [menu, '{HOSTILE}']\nsteps:"),
    ("flows/directory.yaml", "hours: always", "hours: [{days: sun-thu, open: 08:30-16:30}, {days: fri, open: 09:00-11:00}]"),
    ("flows/directory.yaml", "languages: [en]", "languages: [en, ar, xx]"),
    ("flows/directory.yaml", "  others:", "  more:"),
    ("flows/teams.yaml", "first-answer: 30 minutes", "first-answer: 2 days"),
    ("flows/words.yaml", "  fear:", "  dread:"),
    ("flows/words.yaml", "stop w0, ", ""),
    ("flows/bot.yaml", "stage: trial", "stage: live"),
    ("flows/tests/hello.chat", "flow: where", "flow: start"),
]


def shown(value: Value) -> list[Words]:
    """Every sentence and part of one in it."""
    return [value, *(part for inner in value.values.values() for part in shown(inner))] if isinstance(value, Words) else []


def differences() -> list[Words]:
    found = []
    for path, old, new in CHANGES:
        if old in BEFORE[path]:
            after = BEFORE.with_file(path, BEFORE[path].replace(old, new, 1))
            found += [change.says for change in (*difference(BEFORE, after), *difference(after, BEFORE))]
    return found + [change.says for change in (*difference(Bundle({}), Bundle(CLEAN)), *difference(Bundle(CLEAN), Bundle({})))]


def test_every_sentence_has_words() -> None:
    told = [part for says in differences() for part in shown(says)]

    assert len(told) > 60
    assert {words.id for words in told} <= set(WORDING)


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_every_sentence_can_be_said(language: str) -> None:
    say = Sentences(SAYS.say, language)

    for says in differences():
        markup = str(say(says))
        assert "<script" not in markup
        assert not re.search("[\ue000-\ue0ff]", markup), markup


def test_a_part_of_a_sentence_runs_as_the_sentence_does() -> None:
    quoted = Words("difference.quoted", {"word": Called("how", {"ar": "كيف الحال؟"})})

    told = str(Sentences(SAYS.say, "ar")(Words("line.asks", {"message": quoted})))

    assert re.search(' «[\u2066-\u2068]?<b lang="ar"', told), told


def test_every_key_has_a_word() -> None:
    keys = {
        key
        for model in (*STEP_MODELS.values(), BotModel, ContactModel, TeamModel, KeepModel, LimitsModel, OnModel, SilenceModel)
        for key in keys_of(model)
    }
    words_of_steps = set(STEP_MODELS) - FIELDS

    assert keys - FIELDS - words_of_steps == set()
    assert {f"difference.field.{key}" for key in FIELDS} <= set(WORDING)


def test_a_sentence_without_words_is_shown_by_its_id() -> None:
    assert "strange" in Sentences(SAYS.say, "fr")(Words("difference.strange"))
    assert "&lt;script&gt;" in Sentences(SAYS.say, "fr")(Called(HOSTILE))


def test_marked_words_are_escaped() -> None:
    assert words_marked("a <b>", "a <i>") == "a &lt;<del>b</del><ins>i</ins>&gt;"


def test_a_value_shows_what_it_holds_even_letters_that_stand_for_values() -> None:
    """Nobody who says yes reads another text than the one that is there, and no text grows on the page."""
    says = Words("difference.pair", {"key": "\ue001" * 2000, "value": "x" * 2000})

    told = str(Sentences(SAYS.say, "en")(says))

    assert told.count("\ue001") == told.count("x") == 2000
