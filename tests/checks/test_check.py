"""Every rule is broken by something small, and satisfied again by the smallest change."""

import re
from datetime import date
from pathlib import Path

import pytest

from bot.checks.check import check
from bot.checks.taken import RULES as TAKEN_RULES
from bot.flow.bundle import Bundle
from bot.flow.problem import Problem, place_of
from bot.flow.rules import COMPILED, RULES
from tests.checks.bundles import CLEAN, DIRECTORY, MENU, ON, ROW, changed, clean, trying

CONSENT = "  - consent: share\n    to: desk\n    shows: [country]\n    text: A person can answer you.\n    no: end\n"
HANDOFF = "  - handoff: case\n    with: share\n  - end\n"
ASK = "  - ask: safe\n    text: Are you safe?\n    choices: yes-no\n"


def say(text: str) -> Bundle:
    return trying(f"  - say: hello\n    text: {text}\n  - end\n")


def sensitive(text: str) -> Bundle:
    return trying(f"  - say: hello\n    text: {text}\n  - end\n", "sensitive: yes\n")


def chat(text: str) -> Bundle:
    return Bundle({**CLEAN, "flows/tests/hello.chat": text})


def french(catalog: str) -> Bundle:
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    bot = CLEAN["flows/bot.yaml"].replace("languages: [en]", "languages: [en, fr]")
    return Bundle({**CLEAN, "flows/bot.yaml": bot, "locales/fr/LC_MESSAGES/flows.po": head + catalog})


def chain(depth: int) -> Bundle:
    """The list calls `try`, which calls d1, which calls d2 …: `depth` flows open at once."""
    last = depth - 2
    files = {f"d{number}": f"flow: d{number}\ntitle: D\nsteps:\n  - call: d{number + 1}\n  - end\n" for number in range(1, last)}
    files[f"d{last}"] = f"flow: d{last}\ntitle: D\nsteps:\n  - end\n"
    return clean(**files, **{"try": "flow: try\ntitle: Try\nsteps:\n  - call: d1\n  - end\n"})


def live(directory: str) -> Bundle:
    return Bundle(
        {**CLEAN, "flows/bot.yaml": CLEAN["flows/bot.yaml"].replace("stage: trial", "stage: live"), "flows/directory.yaml": directory}
    )


def afraid(ways: str) -> Bundle:
    """The flow `try` asks about fear before it calls `home`, which stands behind that question."""
    ask = "  - ask: fear\n    text: Would you be in danger if you go back?\n    choices: yes-no-unsure\n    private: yes\n"
    bot = CLEAN["flows/bot.yaml"].replace("texts:\n", "fear-first: {asks: [try.fear], leads: danger, flows: [try, home]}\ntexts:\n", 1)
    home = "flow: home\ntitle: Home\nsteps:\n  - say: steps\n    text: There are steps.\n  - end\n"
    return clean(bot=bot, home=home, **{"try": f"flow: try\ntitle: Try\nsteps:\n{ask}    go: {{{ways}}}\n  - call: home\n  - end\n"})


UNVERIFIED = DIRECTORY.replace("    verified-by: amina\n    verified-on: 2026-11-01\n", "")
HALF_VERIFIED = (
    UNVERIFIED + ROW.format(id="checked", name="Checked", country="DZ") + ROW.format(id="checked-too", name="Checked too", country="MA")
)
CLEAN_BUNDLE = Bundle(CLEAN)

TWINS = {
    "no-end": (trying("  - say: hello\n    text: Hello.\n"), trying("  - say: hello\n    text: Hello.\n  - end\n")),
    "unreachable": (trying("  - leave\n  - end\n"), trying("  - if: known country\n    go: leave\n  - end\n")),
    "unreachable-flow": (
        clean(lost="flow: lost\ntitle: Lost\nsteps:\n  - end\n"),
        clean(lost="flow: lost\ntitle: Lost\nsteps:\n  - end\n", **{"try": "flow: try\ntitle: Try\nsteps:\n  - call: lost\n  - end\n"}),
    ),
    "circle": (
        trying("  - say: again\n    text: Hello.\n  - if: known country\n    go: again\n  - end\n"),
        trying("  - pages: again\n    list: [{page: one, text: One.}]\n  - if: known country\n    go: again\n  - end\n"),
    ),
    "call-circle": (
        trying(f"{ASK}    call: {{yes: menu}}\n  - end\n"),
        trying(f"{ASK}    call: {{yes: where}}\n  - end\n"),
    ),
    "only-from": (trying("  - go: law\n"), changed("law.yaml", "only-from: [menu]", "only-from: [menu, try]")),
    "otherwise-loop": (
        trying(f"{ASK}    otherwise: safe\n  - end\n"),
        trying(f"{ASK}    otherwise: near\n  - end\n  - contacts: near\n    need: legal\n  - go: safe\n"),
    ),
    "handoff-without-consent": (
        trying(f"{ASK}    go: {{no: case}}\n{CONSENT}{HANDOFF}"),
        trying(f"{ASK}    go: {{no: end}}\n{CONSENT}{HANDOFF}"),
    ),
    "remind-without-consent": (
        trying(
            f"{ASK}    go: {{no: later}}\n{CONSENT.replace('desk', 'me')}  - remind: later\n    text: Hello.\n    in: 2 days\n    with: share\n  - end\n"
        ),
        trying(f"{CONSENT.replace('desk', 'me')}  - remind: later\n    text: Hello.\n    in: 2 days\n    with: share\n  - end\n"),
    ),
    "private": (
        trying(f"{ASK}    private: yes\n  - if: not (safe is yes)\n    set: topic\n    to: law\n  - end\n"),
        trying(f"{ASK}    private: yes\n  - if: not known country\n    set: topic\n    to: law\n  - end\n"),
    ),
    "promise": (say("A bed is guaranteed."), say("A bed is not sure.")),
    "promised-time": (say("The team will call you tomorrow."), say("The team decides when to call.")),
    "promised-help": (say("We will find you a bed."), say("You can ask for a bed.")),
    "asks-too-much": (say("Tell us your story."), say("Your story is not needed.")),
    "fear-goes-on": (afraid("yes: end"), afraid("yes: danger, unsure: danger")),
    "fear-first": (
        afraid("yes: danger, unsure: danger").with_file(
            "flows/menu.yaml", MENU.replace("kept: privacy, try: try", "kept: privacy, try: home")
        ),
        afraid("yes: danger, unsure: danger"),
    ),
    "danger-words": (changed("words.yaml", "[kill ... me]", "[]"), CLEAN_BUNDLE),
    "danger-help": (changed("danger.yaml", "  - handoff: alert\n    to: desk\n    urgency: now\n", ""), CLEAN_BUNDLE),
    "never-said": (say("You must wait."), say("You can wait.")),
    "not-neutral": (sensitive("The police may come."), say("The police may come.")),
    "too-many-sentences": (say("One. Two. Three. Four."), say("One. Two. Three.")),
    "sentence-too-long": (say("a b c d e f g h i j k l m."), say("a b c d e f g h i j k l.")),
    "too-long-for-channel": (say("abcdefghi " * 20 + "end."), say("Short.")),
    "question-last": (say("Who? You."), say("You. Who?")),
    "loud": (say("Hello!"), say("Hello.")),
    "missing-translation": (french(""), CLEAN_BUNDLE),
    "stale-translation": (french('msgctxt "where.country"\nmsgid "Older words"\nmsgstr "Des mots"\n'), CLEAN_BUNDLE),
    "contact-expired": (changed("directory.yaml", "2027-01-31", "2026-11-22"), changed("directory.yaml", "2027-01-31", "2026-11-23")),
    "contact-unverified": (live(UNVERIFIED), live(HALF_VERIFIED)),
    "no-contact": (changed("directory.yaml", "country: MA", "country: DZ"), CLEAN_BUNDLE),
    "few-spellings": (changed("words.yaml", ", stop w0", ""), CLEAN_BUNDLE),
    "two-meanings": (changed("words.yaml", "[erase, ", "[Stop, erase, "), changed("words.yaml", "[erase, ", "[Stops, erase, ")),
    "chat": (chat("flow: where\n> (starts)\n< where.contry\n"), chat("flow: where\n> (starts)\n< where.country\n")),
}


@pytest.mark.parametrize("rule", TWINS)
def test_a_rule_is_broken_by_something_small_and_silent_on_its_mended_twin(rule: str) -> None:
    broken, mended = TWINS[rule]

    assert rule in {problem.rule for problem in check(broken, ON)}
    assert check(mended, ON) == ()


def test_every_rule_that_the_compiler_does_not_find_is_tried_here_or_with_the_wording() -> None:
    tried_with_the_wording = {"glossary", "gender", "isolates", "french-signs", "places", "lost-meaning", "lost-words"}
    tried_against_what_is_in_force = set(TAKEN_RULES)

    assert {
        rule for rules in RULES.values() for rule in rules
    } <= COMPILED | TWINS.keys() | tried_with_the_wording | tried_against_what_is_in_force


def only(bundle: Bundle, rule: str, on: date = ON) -> list[Problem]:
    return [problem for problem in check(bundle, on) if problem.rule == rule]


# ── all at once ──
def test_problems_come_in_the_order_of_files_and_lines() -> None:
    found = check(Bundle({**CLEAN, "flows/words.yaml": "filler: 3", "flows/try.yaml": "flow: try\n", "flows/law.yaml": "- a"}), ON)

    assert list(found) == sorted(found, key=place_of)
    assert len(found) == len(set(found))


def test_what_can_be_checked_is_checked_however_much_is_broken() -> None:
    broken = Bundle({"flows/try.yaml": "flow: try\ntitle: Try\nsteps:\n  - say: hello\n    text: Hello!\n", "flows/b.yaml": "{"})

    assert {"no-end", "loud", "yaml"} <= {problem.rule for problem in check(broken, ON)}


def test_an_empty_bundle_is_met_with_problems_not_with_an_error() -> None:
    assert {problem.sentence for problem in check(Bundle({}), ON)} == {"this file is missing"}


def test_a_broken_flow_is_not_taken_for_one_that_leads_nowhere() -> None:
    assert only(trying("  - call: wehre\n  - end\n"), "unreachable-flow") == []
    assert only(Bundle({**CLEAN, "flows/menu.yaml": "{"}), "unreachable-flow") == []


# ── paths ──
def test_a_called_flow_that_never_asks_does_not_wait() -> None:
    bundle = clean(
        small="flow: small\ntitle: S\nsteps:\n  - say: hi\n    text: Hi.\n  - end\n",
        **{
            "try": "flow: try\ntitle: T\nsteps:\n  - say: again\n    text: Hello.\n  - call: small\n  - if: known country\n    go: again\n  - end\n"
        },
    )

    assert [str(problem) for problem in check(bundle, ON)] == [
        "flows/try.yaml:4:5: circle: a circle that never waits for the person: ‹again›, this ‹call›, this ‹go›"
    ]


def test_a_called_flow_that_asks_waits() -> None:
    assert check(trying("  - say: again\n    text: Hello.\n  - call: danger\n  - if: known country\n    go: again\n  - end\n"), ON) == ()


def test_the_case_that_a_person_closes_is_a_wait() -> None:
    steps = "  - say: again\n    text: Hello.\n  - handoff: alert\n    to: desk\n    after: again\n  - end\n"

    assert check(trying(steps), ON) == ()


def test_a_circle_over_two_flows_that_replace_each_other_is_found() -> None:
    bundle = clean(
        other="flow: other\ntitle: O\nsteps:\n  - go: try\n",
        **{"try": "flow: try\ntitle: T\nsteps:\n  - say: hello\n    text: Hello.\n  - go: other\n"},
    )

    assert [problem.rule for problem in check(bundle, ON)] == ["circle"]


def test_eight_flows_may_be_open_and_no_more() -> None:
    # start → menu by go; the list is one, `try` two
    assert check(chain(8), ON) == ()
    assert [str(problem) for problem in check(chain(9), ON)] == [
        "flows/menu.yaml:8:56: call-circle: from here more than 8 flows would be open at once"
    ]


def test_the_flow_of_danger_words_may_not_be_hidden_behind_another() -> None:
    bundle = changed("danger.yaml", "title: Danger", "title: Danger\nonly-from: [menu]")

    assert [(problem.file, problem.line) for problem in only(bundle, "only-from")] == [("flows/words.yaml", 14)]


# ── consents ──
def test_a_yes_holds_across_a_call_and_a_question() -> None:
    assert check(trying(f"{CONSENT}  - call: where\n{ASK}{HANDOFF}"), ON) == ()


def test_a_no_may_lead_to_a_question_that_leads_to_the_consent_again() -> None:
    steps = (
        CONSENT.replace("no: end", "no: sure")
        + HANDOFF
        + "  - ask: sure\n    text: Ask again?\n    choices: yes-no\n    go: {yes: share}\n  - end\n"
    )

    assert check(trying(steps), ON) == ()


@pytest.mark.parametrize("extra", ["    once: yes\n", "    heard: yes\n"])
def test_a_question_that_may_be_passed_over_is_no_new_question(extra: str) -> None:
    steps = (
        CONSENT.replace("no: end", "no: sure")
        + HANDOFF
        + f"  - ask: sure\n    text: Ask again?\n    choices: yes-no\n{extra}    go: {{yes: share}}\n  - end\n"
    )

    assert [problem.rule for problem in check(trying(steps), ON)] == ["handoff-without-consent"]


def test_a_no_at_the_end_of_a_called_flow_is_a_no_for_its_caller() -> None:
    caller = "flow: try\ntitle: T\nsteps:\n  - call: small\n  - call: person\n  - end\n"
    small = f"flow: small\ntitle: S\nsteps:\n{CONSENT}{HANDOFF}"

    assert "‹person.share›" in only(clean(small=small, **{"try": caller}), "handoff-without-consent")[0].sentence


def test_a_no_that_ends_a_flow_goes_on_in_its_own_callers_only() -> None:
    consent = CONSENT.replace("no: end", "no: no-share")
    small = f"flow: small\ntitle: S\nsteps:\n{consent}{HANDOFF}  - say: no-share\n    text: OK.\n  - call: farewell\n  - end\n"
    farewell = "flow: farewell\ntitle: F\nsteps:\n  - say: bye\n    text: Bye.\n  - end\n"
    other = "flow: other\ntitle: O\nsteps:\n  - call: farewell\n  - call: person\n  - end\n"
    caller = f"flow: try\ntitle: T\nsteps:\n  - call: small\n{ASK}    call: {{yes: other}}\n  - end\n"

    assert check(clean(small=small, farewell=farewell, other=other, **{"try": caller}), ON) == ()


# ── contacts ──
def test_a_contact_is_in_date_on_its_last_day() -> None:
    assert only(CLEAN_BUNDLE, "contact-expired", date(2027, 1, 31)) == []
    assert len(only(CLEAN_BUNDLE, "contact-expired", date(2027, 2, 1))) == 2


def test_an_unverified_contact_is_a_warning_in_a_trial() -> None:
    found = only(changed("directory.yaml", "    verified-by: amina\n    verified-on: 2026-11-01\n", ""), "contact-unverified")

    assert [(problem.line, problem.warning) for problem in found] == [(2, True)]
    assert "1 of 2 contacts (helpers)" in found[0].sentence


def test_a_need_without_a_verified_contact_stops_a_live_publish() -> None:
    found = only(live(UNVERIFIED), "contact-unverified")

    assert {problem.warning for problem in found} == {False}
    assert {problem.sentence for problem in found} >= {
        "no verified contact for ‹legal› in DZ, so nobody would be named there",
        "no verified contact for ‹ambulance› in MA, so nobody would be named there",
    }


def test_a_contact_past_its_date_stands_behind_no_need() -> None:
    assert len(only(live(DIRECTORY), "contact-unverified", date(2027, 2, 1))) == 4


@pytest.mark.parametrize(
    ("condition", "missed"),
    [
        ("country is DZ", False),
        ("country is not MA", False),
        ("not (country is MA or country is not DZ)", False),
        ("country is DZ and known topic", False),
        ("country is DZ/MA", True),
        ("country is DZ or known topic", True),
        ("known country", True),
        ("not known country", False),
    ],
)
def test_a_need_is_not_missed_where_the_step_is_never_shown(condition: str, missed: bool) -> None:
    bundle = Bundle(
        {
            **CLEAN,
            "flows/directory.yaml": DIRECTORY.replace("contacts:", "contacts:", 1).replace(
                "needs: [legal, ambulance, emergency]\ncontacts", "needs: [legal, ambulance, emergency, food]\ncontacts"
            )
            + ROW.format(id="food", name="Food", country="DZ").replace("[legal, ambulance, emergency]", "[food]"),
            "flows/try.yaml": f"flow: try\ntitle: T\nsteps:\n  - if: {condition}\n    contacts: eat\n    need: food\n  - end\n",
        }
    )

    assert [problem.sentence for problem in check(bundle, ON)] == (["no contact for ‹food› in MA"] if missed else [])


def test_a_number_said_in_a_text_needs_a_telephone() -> None:
    found = only(changed("directory.yaml", 'phone: ["15"]', "phone: []"), "no-contact")

    assert [problem.sentence for problem in found] == ["no contact with a telephone for ‹ambulance› in DZ"]


# ── words and tests ──
def test_spellings_are_counted_as_they_are_heard() -> None:
    found = only(changed("words.yaml", "stop w13", "STOP"), "few-spellings")

    assert [problem.sentence for problem in found] == ["‹stop› has 14 spellings; people write it in at least 15 ways"]


def test_a_test_names_the_nearest_message() -> None:
    found = check(chat("flow: whre\n> (starts)\n< ...\n< where.contry\n> (old where.contry DZ)\n< bot.stoped\n< staff\n"), ON)

    assert [str(problem).partition(" chat: ")[2] for problem in found] == [
        "no flow ‹whre›; did you mean ‹where›?",
        "no message ‹where.contry›; did you mean ‹where.country›?",
        "no message ‹where.contry›; did you mean ‹where.country›?",
        "no message ‹bot.stoped›; did you mean ‹bot.stopped›?",
    ]
    assert [(problem.line, problem.column) for problem in found] == [(1, 7), (4, 3), (5, 8), (6, 3)]


def test_a_line_of_a_test_that_cannot_be_read_is_a_problem() -> None:
    assert [problem.line for problem in check(chat("flow: where\n> (starts)\nhello\n"), ON)] == [3]


def test_messages_of_a_flow_that_cannot_be_read_are_not_missed() -> None:
    bundle = Bundle({**CLEAN, "flows/where.yaml": "{"})

    assert only(bundle, "chat") == []


# ── the page for authors ──
@pytest.mark.parametrize(
    "rule",
    [
        *(rule for rule in RULES["paths"] if rule != "unreachable-flow"),
        "handoff-without-consent",
        "promise",
        "private",
        "remind-without-consent",
    ],
)
def test_the_example_of_the_page_is_met_with_its_rule(rule: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "flows.md").read_text("utf-8")
    example = re.search(rf"^### {rule}\n.*?```yaml\n(.*?)```", page, re.DOTALL | re.MULTILINE)

    assert example is not None
    assert rule in {problem.rule for problem in check(trying(example[1]), ON)}
