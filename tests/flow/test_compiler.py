"""A bundle becomes a program, or everything that is wrong with it."""

import dataclasses
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flow import program as p
from bot.flow.answers import Choice, Choices, CountryOf, Free, Hours, Language, Number, Place
from bot.flow.bundle import Bundle, belongs
from bot.flow.compiler import Compiled, compile_bundle
from bot.flow.language import ENGINE_TEXTS
from bot.flow.rules import RULES
from bot.flow.teams import AlertStep, Opening
from bot.i18n.values import Code, Text
from tests.flow.bundles import SMALL, small, steps_of, with_flow

ROOT = Path(__file__).parents[2]


def program_of(bundle: Bundle) -> p.Program:
    compiled = compile_bundle(bundle)
    assert [str(problem) for problem in compiled.problems] == []
    assert compiled.program is not None
    return compiled.program


def changed(name: str, *pairs: tuple[str, str]) -> Compiled:
    """The small service with words of one of its files put in place of others."""
    text = SMALL[f"flows/{name}.yaml"]
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return compile_bundle(small(**{name: text}))


def lines(compiled: Compiled) -> list[str]:
    return [str(problem) for problem in compiled.problems]


SMALL_PROGRAM = program_of(small())


def test_every_place_is_resolved() -> None:
    law = SMALL_PROGRAM.flows["law"]
    ask, decide = law.steps[1], law.steps[4]

    assert isinstance(ask, p.Ask)
    assert ask.go == {"yes": p.ToStep(law.at["afraid"])}
    assert isinstance(law.steps[0], p.Call)
    assert law.steps[0].key == "#0"
    assert isinstance(decide, p.Decide)
    assert [row.go for row in decide.rows] == [p.ToStep(law.at["young"]), p.ToStep(law.at["rights"])]
    assert [row.source for row in decide.rows] == ["LAW", "GUIDE LAW"]
    assert law.steps[6] == p.Go(index=6, key="#6", id="law.#6", line=28, to=p.ToEnd())
    assert isinstance(law.steps[-1], p.Leave)


def test_each_type_of_answer_is_read() -> None:
    flows = SMALL_PROGRAM.flows

    assert flows["person"].own["code-words"] == Free(30)
    assert flows["person"].own["times"] == Hours()
    assert flows["start"].own["language"] == Language()
    assert SMALL_PROGRAM.shared["country"] == CountryOf(here=True)
    assert SMALL_PROGRAM.shared["place"] == Place()
    assert SMALL_PROGRAM.shared["age"] == Number(1, 120)
    assert flows["danger"].own["safe"] == Choices(
        (Choice("yes", "answers.yes-no.yes"), Choice("no", "answers.yes-no.no")), set_name="yes-no"
    )
    assert SMALL_PROGRAM.shared["topic"] == Choices(
        (Choice("law", "menu.topic.law"), Choice("talk", "menu.topic.talk"), Choice("kept", "menu.topic.kept"))
    )


def test_a_consent_knows_its_labels_also_of_what_another_flow_asks() -> None:
    person = SMALL_PROGRAM.flows["person"]
    consent, handoff = person.steps[person.at["share"]], person.steps[person.at["case"]]

    assert isinstance(consent, p.Consent)
    assert consent.labels == ("where.country:label", "person.code-words:label", "person.times:label")
    assert consent.keep_days == 10
    assert person.shown == {"code-words", "times"}
    assert isinstance(handoff, p.Handoff)
    assert (handoff.team, handoff.consent, handoff.urgency, handoff.after) == ("desk", "share", "high", p.ToStep(1))


def test_the_files_beside_the_flows_are_read() -> None:
    service, teams, directory = SMALL_PROGRAM.service, SMALL_PROGRAM.teams, SMALL_PROGRAM.directory

    assert (service.silence.ask_still_safe, service.silence.forget, service.keep.case) == (30, 1440, 43200)
    assert service.hours[3].until < service.hours[3].since
    assert teams.teams["desk"].hours["DZ"] == (Opening(frozenset({6, 0, 1, 2, 3}), ((510, 750), (810, 1020))),)
    assert teams.teams["desk"].alert == (AlertStep(5, "second-line"),)
    assert teams.calendars["DZ"].ramadan == ((date(2027, 2, 8), date(2027, 3, 9)),)
    assert directory.contacts["lawyers"].free
    assert directory.contacts["lawyers"].accepts_referral
    assert directory.contacts["ambulance-ma"].hours == "always"
    assert SMALL_PROGRAM.danger["fear"] == p.DangerGroup("fear", "danger", leave=False)
    assert SMALL_PROGRAM.lexicon.global_word("stop") == ("stop", "en")


def test_texts_are_said_by_their_ids() -> None:
    texts = SMALL_PROGRAM.texts

    assert texts.say("menu.topic.law", "fr") == "Legal help"
    assert texts.say("law.rights.ask", "en") == "1. You can ask."
    assert texts.say("law.lawyers-here:none", "en") == "We have no checked number today."
    assert texts.say("hours.morning", "en") == "Morning"
    assert texts.say("directory.lawyers:who-answers", "en") == "A lawyer"
    assert texts.render(Text("danger.call-now", (("number.ambulance", Code("15")),)), "en").startswith("Ambulance: ")
    assert all(texts.has(f"bot.{key}") for key in ENGINE_TEXTS)


def test_a_catalog_speaks_where_it_is_done() -> None:
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    done = 'msgctxt "menu.topic.law"\nmsgid "Legal help"\nmsgstr "Aide juridique"\n\n'
    fuzzy = '#, fuzzy\nmsgctxt "menu.topic"\nmsgid "What do you need?"\nmsgstr "Quoi ?"\n'
    texts = program_of(small().with_file("locales/fr/LC_MESSAGES/flows.po", head + done + fuzzy)).texts

    assert texts.say("menu.topic.law", "fr") == "Aide juridique"
    assert texts.say("menu.topic", "fr") == "What do you need?"


def test_a_catalog_that_cannot_be_read_is_a_problem_of_its_line() -> None:
    compiled = compile_bundle(small().with_file("locales/fr/LC_MESSAGES/flows.po", "this is no catalog\n"))

    assert compiled.program is None
    assert compiled.problems[0].file == "locales/fr/LC_MESSAGES/flows.po"


def test_nothing_in_a_program_can_be_changed() -> None:
    with pytest.raises(TypeError):
        SMALL_PROGRAM.flows["menu"] = SMALL_PROGRAM.flows["law"]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        SMALL_PROGRAM.flows["menu"].steps[0].key = "x"  # type: ignore[misc]


def test_an_answer_that_is_only_set_can_be_read_and_has_the_values_it_is_set_to() -> None:
    steps = ("- set: way", "  to: short", "- if: way is short", "  go: end", "- if: way is long", "  go: end", "- end")

    assert lines(compile_bundle(with_flow(steps_of(*steps)))) == ["flows/try.yaml:8:9: no-such-value: ‹way› is never ‹long›"]


def test_a_consent_can_be_read_as_an_answer() -> None:
    steps = (
        "- consent: share",
        "  to: desk",
        "  shows: [country]",
        "  text: A person answers.",
        "  no: end",
        "- if: share is yes",
        "  go: end",
    )
    program_of(with_flow(steps_of(*steps, "- end")))


def test_a_consent_may_go_to_a_contact_that_accepts_it() -> None:
    steps = ("- consent: share", "  to: lawyers", "  shows: [country]", "  text: A lawyer answers.", "  no: end", "- end")
    program_of(with_flow(steps_of(*steps)))


def test_a_set_of_a_number_and_of_several_is_kept_as_they_are() -> None:
    flow = program_of(with_flow(steps_of("- set: age", "  to: 17", "- end"))).flows["try"]

    assert isinstance(flow.steps[0], p.Set)
    assert flow.steps[0].to == 17


def test_a_missing_file_is_a_problem_and_hides_no_other() -> None:
    found = lines(compile_bundle(small(law="flow: law\ntitle: Law\nsteps:\n  - call: wehre\n  - end\n").without_file("flows/teams.yaml")))

    assert "flows/teams.yaml:1:1: yaml: this file is missing" in found
    assert "flows/law.yaml:4:5: no-such-place: no step or flow ‹wehre›; did you mean ‹where›?" in found
    assert not any("no-such-team" in line for line in found)


def test_a_flow_that_cannot_be_read_is_not_missed_elsewhere() -> None:
    assert [problem.file for problem in compile_bundle(small(where="flow: [")).problems] == ["flows/where.yaml"]


def test_an_ask_that_cannot_be_read_is_not_missed_where_its_answer_is_used() -> None:
    steps = ("- ask: what", "  txt: What?", "  choices: yes-no", "- if: what is yes or what is maybe", "  go: end", "- end")

    assert [problem.line for problem in compile_bundle(with_flow(steps_of(*steps))).problems] == [4, 5]


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("bot", "first: start", "first: strat", "bot.yaml:7:8: no-such-place: no flow ‹strat›; did you mean ‹start›?"),
        ("bot", "human: person", "human: persn", "bot.yaml:8:25: no-such-place: no flow ‹persn›; did you mean ‹person›?"),
        ("bot", "source: en", "source: de", "bot.yaml:5:9: no-such-value: no language of this service ‹de›"),
        ("bot", "age, topic]", "age, topic, fear-of]", "bot.yaml:9:38: no-such-answer: no flow asks for ‹fear-of›"),
        ("bot", "stage: trial", "stage: tril", "bot.yaml:10:8: no-such-value: ‹tril› is none of trial, live; did you mean ‹trial›?"),
        (
            "bot",
            "zone: Africa/Algiers",
            "zone: Africa/Algier",
            "no-such-value: no time zone ‹Africa/Algier›; did you mean ‹Africa/Algiers›?",
        ),
        ("bot", "forget: 24 hours", "forget: a day", "no-such-value: ‹a day›: a time is written as 30 minutes, 24 hours or 7 days"),
        ("bot", "22:00-06:00}", "22:00}", "no-such-value: ‹22:00›: hours are written as 08:30-12:30"),
        ("bot", "  still-safe:", "  still-saf:", "no-text: the text ‹still-safe› is missing; the engine says it"),
        ("bot", "  still-safe:", "  still-saf:", "no-such-key: no text of the engine ‹still-saf›; did you mean ‹still-safe›?"),
        ("bot", "{fields}.", "these.", "no-text: this text must say {fields}"),
        ("bot", "handle:", "handel:", "bot.yaml:4:1: no-such-key: no key ‹handel› is used here; did you mean ‹handle›?"),
        ("words", "stop: {", "sotp: {", "words.yaml:3:3: no-such-key: ‹sotp› is none of stop"),
        ("words", "  stop: {en: [stop], fr: [arret], ar: [توقف]}\n", "", "words.yaml:2:1: no-text: the global word ‹stop› is missing"),
        ("words", "flow: danger", "flow: dangr", "words.yaml:14:11: no-such-place: no flow ‹dangr›; did you mean ‹danger›?"),
        ("words", "ar-latn:", "de:", "words.yaml:15:32: no-such-value: no language of this service ‹de›"),
        ("words", "[killing time]", "['']", "words.yaml:16:19: no-text: a text stands here"),
        ("teams", "MA: [{days: mon-fri", "FR: [{days: mon-fri", "teams.yaml:10:7: no-such-value: no served country ‹FR›"),
        ("teams", "to: second-line", "to: second-lin", "no-such-team: no team ‹second-lin›; did you mean ‹second-line›?"),
        ("teams", "days: mon-fri", "days: mon-fry", "no-such-value: ‹mon-fry›: days are written as sun-thu or fri"),
        ("teams", "to: 2027-03-09", "to: 2027-01-09", "no-such-value: it ends before it begins"),
        ("teams", "first-answer: 30 minutes", "first-answer: soon", "no-such-value: ‹soon›: a time"),
        ("directory", "needs: [legal]", "needs: [legl]", "directory.yaml:6:13: no-such-need: no need ‹legl›; did you mean ‹legal›?"),
        ("directory", "source: GUIDE", "source: GUID", "directory.yaml:13:13: no-such-source: no source ‹GUID›; did you mean ‹GUIDE›?"),
        ("directory", "expires: 2027-01-31", "expires: soon", "no-such-value: ‹soon›: a day is written as 2026-11-20"),
        ("directory", "country: DZ", "country: TN", "no-such-value: no served country ‹TN›"),
        ("directory", "hours: always", "hours: alwys", "no-such-value: ‹alwys› is none of always, unknown; did you mean ‹always›?"),
        ("directory", "accepts: [referral]", "accepts: [referal]", "no kind of request ‹referal›; did you mean ‹referral›?"),
        ("directory", "    accepts", "    verified-by: Amina\n    accepts", "no-such-key: ‹verified-by› and ‹verified-on› stand together"),
        ("sources", "[GUIDE, LAW]", "GUIDE", "sources.yaml:1:10: yaml: a list stands here"),
    ],
)
def test_what_is_wrong_beside_the_flows_is_found(name: str, old: str, new: str, expected: str) -> None:
    compiled = changed(name, (old, new))

    assert compiled.program is None
    assert any(expected in line for line in lines(compiled)), lines(compiled)


def test_a_team_that_works_at_the_weekend_is_a_warning_and_stops_nothing() -> None:
    compiled = changed("teams", ("days: sun-thu", "days: sun-fri"))

    assert compiled.program is not None
    assert [(problem.warning, problem.line) for problem in compiled.problems] == [(True, 9)]


def test_a_flow_of_more_than_four_hundred_steps_is_refused() -> None:
    compiled = compile_bundle(with_flow("  - end\n" * 401))

    assert lines(compiled) == ["flows/try.yaml:404:5: yaml: a flow has at most 400 steps"]


def test_a_choice_that_says_stop_in_a_translation_is_seen() -> None:
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    catalog = head + 'msgctxt "menu.topic.kept"\nmsgid "What is kept"\nmsgstr "Effacer"\n'
    compiled = compile_bundle(small().with_file("locales/fr/LC_MESSAGES/flows.po", catalog))

    assert [problem.rule for problem in compiled.problems] == ["hides-global"]


def test_a_choice_may_be_called_as_a_global_word_that_leads_where_it_leads() -> None:
    steps = (
        "- ask: what",
        "  text: What?",
        "  choices: {bye: Stop, human: A person, gone: Erase}",
        "  go: {bye: leave, human: person, gone: all-gone}",
        "- decide: all-gone",
        "  rows: [{go: gone, source: LAW}]",
        "- end",
    )
    compiled = compile_bundle(with_flow(steps_of(*steps)))
    assert [problem.rule for problem in compiled.problems] == ["no-such-place"]

    program_of(
        with_flow(
            steps_of(
                *steps[:2],
                "  choices: {bye: Stop, human: A person, gone: Erase}",
                "  go: {bye: leave, human: person}",
                "- forget: everything",
            )
        )
    )


def test_the_flows_that_we_ship_compile() -> None:
    files = [*(ROOT / "flows").rglob("*"), *(ROOT / "locales").rglob("flows.po")]
    bundle = Bundle({str(path.relative_to(ROOT)): path.read_text("utf-8") for path in files if belongs(str(path.relative_to(ROOT)))})

    program_of(bundle)


def test_every_rule_that_is_found_is_one_of_the_language() -> None:
    known = {rule for rules in RULES.values() for rule in rules}
    source = "".join(path.read_text("utf-8") for path in (ROOT / "bot" / "flow").glob("*.py"))
    import re

    named = set(re.findall(r'add(?:_key)?\(\s*"([a-z-]+)", ', source)) | set(re.findall(r'Wrong\(\s*"([a-z-]+)"', source))

    assert named <= known


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_to_a_file_raises(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(SMALL)))
    text = SMALL[path]
    at = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 12))
    put = data.draw(st.text(alphabet="abc:{}[]-\n \"',|#é", max_size=8))
    compiled = compile_bundle(Bundle({**SMALL, path: text[:at] + put + text[at + length :]}))

    assert (compiled.program is None) == any(not problem.warning for problem in compiled.problems)


def test_texts_that_came_later_are_missed_with_a_warning_and_the_flows_run_on() -> None:
    bot = small()["flows/bot.yaml"]
    older = "\n".join(line for line in bot.split("\n") if line.split(":")[0].strip() not in ("correction", "passed-team", "passed-same"))
    compiled = compile_bundle(small(bot=older))

    assert compiled.program is not None
    assert {problem.warning for problem in compiled.problems} == {True}
