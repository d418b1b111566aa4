"""What a publish changes at once, and when a conversation may move."""

from collections.abc import Mapping

from bot.flow import program as p
from bot.flow.answers import Answer
from bot.flow.compiler import compile_bundle
from bot.flow.live import Frame, SessionView, compose, may_move, safety_flows
from tests.flow.bundles import SMALL, small


def changed(*edits: tuple[str, str, str], catalog: str = "") -> p.Program:
    """The small service after edits: (file, old, new)."""
    files = {name.removeprefix("flows/").removesuffix(".yaml"): text for name, text in SMALL.items()}
    for name, old, new in edits:
        assert old in files[name]
        files[name] = files[name].replace(old, new)
    bundle = small(**files)
    compiled = compile_bundle(bundle.with_file("locales/fr/LC_MESSAGES/flows.po", catalog) if catalog else bundle)
    assert compiled.program is not None, [str(problem) for problem in compiled.problems]
    return compiled.program


BEFORE = changed()


def view(*frames: Frame, shared: Mapping[str, Answer] | None = None) -> SessionView:
    return SessionView(frames, shared or {})


def test_a_program_with_itself_is_itself() -> None:
    assert compose(BEFORE, changed()) is BEFORE


def test_contacts_teams_words_and_danger_are_those_in_force() -> None:
    now = changed(
        ("directory", '"15"', '"16"'),
        ("teams", "30 minutes", "60 minutes"),
        ("words", "kill ... me", "kill me"),
        ("words", "fear:", "harm:"),
    )
    live = compose(BEFORE, now)

    assert live.revision == BEFORE.revision
    assert live.directory.contacts["ambulance-ma"].phone == ("16",)
    assert live.teams.teams["desk"].first_answer == 60
    assert list(live.danger) == ["harm"]
    assert live.lexicon is now.lexicon


def test_safety_flows_are_those_in_force_and_all_others_are_pinned() -> None:
    now = changed(("danger", "Are you safe?", "Are you safe now?"), ("law", "Are you afraid?", "Do you fear?"))
    live = compose(BEFORE, now)

    assert safety_flows(now) == {"danger", "privacy"}
    assert live.flows["danger"] is now.flows["danger"]
    assert live.texts.say("danger.safe", "en") == "Are you safe now?"
    assert live.flows["law"] is BEFORE.flows["law"]
    assert live.texts.say("law.fear", "en") == "Are you afraid?"


def test_what_a_new_safety_flow_leads_to_comes_with_it() -> None:
    new = "flow: shelter\ntitle: Shelter\nsteps:\n  - say: near\n    text: Go to someone you trust.\n  - end\n"
    files = {name.removeprefix("flows/").removesuffix(".yaml"): text for name, text in SMALL.items()}
    files["danger"] = files["danger"].replace("  - handoff: alert", "  - call: shelter\n  - handoff: alert")
    now = compile_bundle(small(**files, shelter=new)).program
    assert now is not None
    live = compose(BEFORE, now)

    assert live.flows["shelter"] is now.flows["shelter"]
    assert live.texts.say("shelter.near", "en") == "Go to someone you trust."


def test_a_better_translation_of_an_unchanged_step_is_live_and_of_a_changed_one_is_not() -> None:
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    entry = 'msgctxt "{}"\nmsgid "x"\nmsgstr "{}"\n\n'
    catalog = (
        head + entry.format("law.young", "Mieux") + entry.format("law.fear", "Avez-vous peur ?") + entry.format("menu.topic.law", "Loi")
    )
    live = compose(BEFORE, changed(("law", "Are you afraid?", "Do you fear?"), catalog=catalog))

    assert live.texts.say("law.young", "fr") == "Mieux"
    assert live.texts.say("menu.topic.law", "fr") == "Loi"
    assert live.texts.say("law.fear", "fr") == "Are you afraid?"


def test_a_conversation_moves_when_its_questions_and_answers_are_the_same() -> None:
    now = changed(("law", "Someone can help you.", "Someone helps you."))
    here = view(("menu", "topic", {}), ("law", "fear", {"fear": "no"}), shared={"age": 17, "country": "DZ"})

    assert may_move(here, BEFORE, now)


def test_a_conversation_stays_when_its_question_changed() -> None:
    now = changed(("law", "Are you afraid?", "Do you fear?"))

    assert not may_move(view(("menu", "topic", {}), ("law", "fear", {})), BEFORE, now)
    assert not may_move(view(("law", "fear", {}), ("where", "country", {})), BEFORE, now)
    assert may_move(view(("menu", "topic", {})), BEFORE, now)


def test_a_conversation_stays_when_its_step_or_flow_is_gone_or_an_answer_means_another_thing() -> None:
    renamed = changed(("law", "ask: fear", "ask: afraid-of"))
    other = changed(("law", "yes-no-unsure", "yes-no"), ("law", "number: {from: 1, to: 120}", "number: {from: 0, to: 99}"))

    assert not may_move(view(("law", "fear", {})), BEFORE, renamed)
    assert not may_move(view(("gone", "fear", {})), BEFORE, renamed)
    assert not may_move(view(("law", "rights", {"fear": "no"})), BEFORE, other)
    assert not may_move(view(("law", "rights", {}), shared={"age": 17}), BEFORE, other)
    assert not may_move(view(shared={"unheard-of": "x"}), BEFORE, other)
    assert may_move(view(("law", "rights", {"fear": "skipped"}), shared={"age": "skipped"}), BEFORE, other)


def test_a_step_without_a_name_is_not_taken_for_another_in_its_place() -> None:
    before = view(("person", "#0", {}), ("where", "country", {}))
    put_before = changed(("person", "  - call: where\n", "  - set: topic\n    to: law\n  - call: where\n"))

    assert may_move(before, BEFORE, changed(("person", "Nobody is here now.", "Nobody is here.")))
    assert not may_move(before, BEFORE, put_before)


def test_a_consent_to_another_or_of_more_is_another_question() -> None:
    now = changed(("person", "shows: [country, code-words, times]", "shows: [country, code-words]"))

    assert not may_move(view(("person", "share", {})), BEFORE, now)
