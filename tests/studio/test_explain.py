"""Every rule is explained, and every button mends what it says and breaks nothing."""

import ast
import re
from pathlib import Path

import pytest

from bot.flow.bundle import Bundle
from bot.i18n.catalog import read_catalog
from bot.studio.bundle.compiled import findings
from bot.studio.mending.explain import EXPLAINED, Explained, all_explained, explained, made, proved
from bot.studio.mending.mends import Mend
from bot.web.wording.words import WORDING
from tests.checks.bundles import CLEAN, DIRECTORY, ON, clean

ROOT = Path(__file__).parent.parent.parent
FR = "locales/fr/LC_MESSAGES/flows.po"


def of(bundle: Bundle, rule: str) -> Explained:
    """The explanation of the only problem of that rule."""
    (found,) = [problem for problem in findings(bundle, ON) if problem.rule == rule]
    return explained(found, bundle, ON)


def rules_in_the_code() -> set[str]:
    """Every rule that stands as a text where a problem is made."""
    found: set[str] = set()
    for path in (*(ROOT / "bot/checks").glob("*.py"), *(ROOT / "bot/flow").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(node, "func", None), "id", getattr(getattr(node, "func", None), "attr", ""))
            if isinstance(node, ast.Call) and name in {"Problem", "add", "_wrong", "Wrong", "Fault", "unknown"} and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and re.fullmatch(r"[a-z]+(-[a-z]+)*", first.value):
                    found.add(first.value)
    return found


def test_no_rule_goes_without_words():
    assert rules_in_the_code() <= EXPLAINED
    for rule in (*EXPLAINED, "other"):
        assert {f"explain.{rule}", f"explain.{rule}.harm", f"explain.{rule}.do"} <= set(WORDING)


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_every_explanation_is_there_in_every_language_of_staff(language):
    catalog = read_catalog((ROOT / f"locales/{language}/LC_MESSAGES/staff.po").read_text("utf-8"), language)
    ids = [id_ for id_ in WORDING if id_.startswith(("explain.", "difference."))]

    assert [id_ for id_ in ids if id_ not in catalog.entries or not catalog.entries[id_].is_done] == []


def test_the_clean_service_has_nothing_to_explain():
    assert all_explained(Bundle(CLEAN), ON) == ()


TRY = "flow: try\ntitle: Try\nsteps:\n"
SHORT = TRY + "  - say: hello\n    text: Hello.\n  - end\n"
ASK = TRY + "  - ask: how\n    text: How is it?\n    choices: {well: Well, bad: Bad}\n"
CASES = {
    "no-such-place": ASK + "    go: {bad: sory}\n  - say: sorry\n    text: That is bad.\n  - end\n",
    "no-such-choice": ASK + "    go: {badd: sorry}\n  - say: sorry\n    text: That is bad.\n  - end\n",
    "no-such-key": TRY + "  - say: hello\n    text: Hello.\n    sorce: GUIDE\n  - end\n",
    "no-such-source": TRY + "  - say: hello\n    text: Hello.\n    source: GUIDDE\n  - end\n",
    "no-such-answers": TRY + "  - ask: how\n    text: How is it?\n    choices: yes-noo\n  - end\n",
    "no-such-value": ASK + "  - if: how is wel\n    go: end\n  - end\n",
    "name-of-flow": SHORT.replace("flow: try", "flow: tri"),
    "name": SHORT.replace("say: hello", "say: Hello There"),
    "yaml": SHORT.replace("text: Hello.", "text: Hello: you."),
    "comment-cuts-text": SHORT.replace("text: Hello.", "text: Hello. # you"),
    "may-be-unknown": TRY
    + "  - ask: age\n    text: How old?\n    number: {from: 1, to: 99}\n    skip: yes\n  - if: age < 18\n    go: end\n  - end\n",
    "no-end": TRY + "  - say: hello\n    text: Hello.\n",
    "unreachable": TRY + "  - say: hello\n    text: Hello.\n  - end\n  - say: lost\n    text: Lost.\n  - end\n",
    "one-kind": TRY + "  - ask: age\n    text: How old?\n    number: {from: 1, to: 99}\n    many: yes\n  - end\n",
    "decide-else": ASK + "  - decide: path\n    rows:\n      - {if: how is bad, go: sorry, source: GUIDE}\n"
    "  - say: sorry\n    text: That is bad.\n  - end\n",
    "no-source": ASK + "  - decide: path\n    rows:\n      - {if: how is bad, go: sorry, source: GUIDE}\n      - {go: end}\n"
    "  - say: sorry\n    text: That is bad.\n  - end\n",
    "never-said": SHORT.replace("Hello.", "You must call."),
    "promise": SHORT.replace("Hello.", "Help is guaranteed."),
    "loud": SHORT.replace("Hello.", "Hello!"),
}  # fmt: skip


@pytest.mark.parametrize("rule", CASES)
def test_a_button_mends_what_it_says_and_breaks_nothing(rule):
    bundle = clean(**{"try": CASES[rule]})
    told = of(bundle, rule)

    assert told.mends, told.sentence
    after = made(told.mends[0], bundle)
    assert after is not None
    assert {problem.rule for problem in findings(after, ON)} <= {problem.rule for problem in findings(bundle, ON)} - {rule}
    assert told.mends[0].says.id in WORDING
    assert (told.where.flow, told.where.file) == ("try", "flows/try.yaml")


def test_a_tab_is_written_as_spaces():
    bundle = clean(**{"try": SHORT.replace("    text", "\ttext")})

    assert made(of(bundle, "yaml").mends[0], bundle) is not None


def test_a_spelling_of_two_words_goes_from_the_second():
    bundle = clean(words=CLEAN["flows/words.yaml"].replace("help w0", "stop w0, help w14"))
    told = of(bundle, "two-meanings")

    after = made(told.mends[0], bundle)
    assert after is not None
    assert "two-meanings" not in {problem.rule for problem in findings(after, ON)}


def test_an_old_contact_is_told_by_its_name_and_has_no_button():
    bundle = clean(directory=DIRECTORY.replace("expires: 2027-01-31", "expires: 2026-11-01", 1))
    told = next(each for each in all_explained(bundle, ON) if each.rule == "contact-expired")

    assert (told.where.contact, told.mends) == ("helpers", ())


PO = 'msgid ""\nmsgstr ""\n"Language: fr\\n"\n\nmsgctxt "try.hello"\nmsgid "{source}"\nmsgstr "{text}"\n'


def in_french(source: str, text: str) -> Bundle:
    """The clean service with a French catalog of one text; everything else is missing in it."""
    bot = CLEAN["flows/bot.yaml"].replace("languages: [en]", "languages: [en, fr]")
    return clean(bot=bot, **{"try": SHORT}).with_file(FR, PO.format(source=source, text=text))


def test_a_stale_translation_is_confirmed():
    bundle = in_french("Hello there.", "Bonjour.")
    told = of(bundle, "stale-translation")

    assert (told.where.text, told.where.language, told.where.flow, told.where.step) == ("try.hello", "fr", "try", "hello")
    assert [mend.says.id for mend in told.mends] == ["explain.mend.confirm"]


@pytest.mark.parametrize(
    ("rule", "text"), [("french-signs", "L'aide ?"), ("never-said", "Vous devez parler."), ("loud", "Bonjour !"), ("never-said", "Malheureusement, bonjour.")]
)  # fmt: skip
def test_a_translation_is_mended_where_it_stands(rule, text):
    bundle = in_french("Hello.", text)
    told = next(each for each in all_explained(bundle, ON) if each.rule == rule)

    assert told.mends
    assert told.mends[0].edits[0].language == "fr"


def test_what_mends_nothing_is_not_offered():
    bundle = clean(**{"try": CASES["no-end"]})
    (problem,) = [each for each in findings(bundle, ON) if each.rule == "no-end"]
    (mend,) = explained(problem, bundle).mends

    assert proved(mend, problem, bundle, ON)
    assert not proved(Mend(mend.says, ()), problem, bundle, ON)
