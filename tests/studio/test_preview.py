"""The preview: both phones, the real engine, and what is said when the draft does not compile."""

import pickle
from datetime import UTC, datetime

import msgspec
import pytest

from bot.checks.player import Player
from bot.flow.bundle import Bundle
from bot.studio.playing.deeds import Deed, Request
from bot.studio.playing.playable import playable
from bot.studio.playing.preview import preview
from bot.studio.playing.screens import Bubble, Phone, Screens
from tests.engine.real import real_files

BUNDLE = Bundle(real_files())
STARTS = Deed("starts")


def played(*deeds: Deed, bundle: Bundle = BUNDLE, **request) -> Screens:
    return preview(bundle, Request(deeds=deeds, **request))


def ids(phone: Phone) -> list[str]:
    return [bubble.id for bubble in phone.bubbles if bubble.who in {"bot", "human"}]


def notes(phone: Phone) -> list[str]:
    return [bubble.note.kind for bubble in phone.bubbles if bubble.note is not None]


def mine(phone: Phone) -> Bubble:
    return [bubble for bubble in phone.bubbles if bubble.who == "me"][-1]


def with_line(path: str, old: str, new: str) -> Bundle:
    assert old in BUNDLE[path]
    return BUNDLE.with_file(path, BUNDLE[path].replace(old, new, 1))


def test_two_phones_say_the_same_messages_in_their_own_language():
    screens = played(STARTS, flow="return", country="DZ")

    arabic, french = screens.phones
    assert (arabic.language, french.language) == ("ar", "fr")
    assert ids(arabic) == ids(french) != []
    assert arabic.bubbles[0].parts[0].said != french.bubbles[0].parts[0].said
    assert screens.stops == ()
    assert arabic.bubbles[arabic.open].choices


def test_the_screens_go_to_another_process_and_onto_the_wire():
    screens = played(STARTS, Deed("presses", "yes"), flow="return", country="DZ")

    assert pickle.loads(pickle.dumps(screens)) == screens
    assert msgspec.json.decode(msgspec.json.encode(screens), type=Screens) == screens


def test_what_is_typed_in_one_phone_is_pressed_in_the_other():
    screens = played(STARTS, Deed("writes", "oui", "fr"), flow="return", country="DZ")
    arabic, french = screens.phones

    assert ids(arabic) == ids(french)
    assert mine(french).words == "oui"
    assert mine(french).pressed == ""
    assert mine(arabic).pressed == mine(french).meaning.key
    assert mine(arabic).words == mine(arabic).meaning.label != "oui"


def test_words_that_are_no_answer_go_to_both_as_they_are():
    screens = played(STARTS, Deed("writes", "zz zz", "fr"), flow="return", country="DZ")

    assert [mine(phone).words for phone in screens.phones] == ["zz zz", "zz zz"]
    assert {mine(phone).meaning.kind for phone in screens.phones} == {"unclear"}


def test_a_global_word_is_one_in_both():
    screens = played(STARTS, Deed("writes", "قف", "ar"), flow="return", country="DZ")

    assert all(ids(phone)[-1] == "bot.stopped" for phone in screens.phones)
    assert all(phone.over for phone in screens.phones)
    assert all(phone.open == -1 for phone in screens.phones)
    assert mine(screens.phones[1]).pressed == "stop"


def test_words_typed_in_a_phone_that_is_not_shown_mean_the_same():
    screens = played(STARTS, Deed("writes", "oui", "fr"), flow="asylum-first", country="DZ", languages=("ar", "en"))

    assert [phone.language for phone in screens.phones] == ["ar", "en"]
    assert mine(screens.phones[1]).pressed == mine(screens.phones[1]).meaning.key


def test_silence_is_met_as_in_service():
    screens = played(STARTS, Deed("silent", minutes=45), Deed("writes", "hello", "fr"), flow="return", country="DZ")

    assert ids(screens.phones[0])[-1] == "bot.still-safe"
    assert "silence" in notes(screens.phones[0])


def test_back_and_media_and_the_clock():
    screens = played(
        STARTS,
        Deed("presses", "no"),
        Deed("presses", "back"),
        Deed("sends", "photo"),
        Deed("clock", "2026-11-28 23:00"),
        flow="return",
        country="DZ",
    )

    assert screens.phones[0].refused is None
    assert "bot.photo" in ids(screens.phones[0])
    assert screens.phones[0].at.startswith("2026-11-28 23:00")


def test_a_handoff_shows_who_has_the_conversation_and_what_staff_see():
    deeds = (
        STARTS,
        Deed("presses", "team"),
        Deed("presses", "yes"),
        Deed("presses", "here"),
        Deed("presses", "night"),
        Deed("presses", "done"),
    )
    screens = played(*deeds, flow="off-hours", country="DZ", at="2026-11-20 23:10", verified=True)

    assert [phone.refused for phone in screens.phones] == [None, None]
    assert screens.phones[0].who == "waiting"
    case = next(bubble.note for bubble in screens.phones[1].bubbles if bubble.note is not None and bubble.note.kind == "case")
    assert case.values[0] == "high"
    assert len(case.values) == 4

    screens = played(*deeds, Deed("staff-writes", "Bonjour"), flow="off-hours", country="DZ", at="2026-11-20 23:10")
    assert screens.phones[0].who == "human"
    assert screens.phones[0].bubbles[-1].words == "Bonjour"
    assert screens.phones[0].open == -1


def test_who_is_there_can_be_chosen():
    at = "2026-11-20 23:10"
    states = {there: played(STARTS, flow="off-hours", country="DZ", at=at, there=there).desks for there in ("", "open", "closed", "nobody")}

    protection = {there: next(desk.state for desk in desks if desk.team == "protection") for there, desks in states.items()}
    assert protection == {"": "closed", "open": "open", "closed": "closed", "nobody": "closed"}
    by_day = played(STARTS, flow="off-hours", country="DZ", at="2026-11-23 10:00", there="nobody").desks
    assert next(desk.state for desk in by_day if desk.team == "protection") == "nobody"


def test_a_button_that_is_gone_stops_the_phone_there():
    screens = played(STARTS, Deed("presses", "nothing-like-it"), Deed("presses", "no"), flow="return", country="DZ")

    assert screens.phones[0].refused is not None
    assert screens.phones[0].refused.deed == 1
    assert [bubble for bubble in screens.phones[0].bubbles if bubble.who == "me"] == []


def test_messages_are_measured_and_the_locked_screen_is_neutral():
    for phone in played(STARTS, flow="return", country="DZ").phones:
        for bubble in phone.bubbles:
            if bubble.measure is not None:
                assert bubble.measure.units >= bubble.measure.characters > 0
                assert bubble.measure.size >= bubble.measure.units
                assert bubble.measure.telegram == 1
                assert bubble.unkind == ()
                assert 0 < len(bubble.locked) <= 60 + 40
            assert all(choice.data <= 64 for choice in bubble.choices)


def test_a_word_that_a_locked_screen_must_not_show_is_named():
    bundle = with_line("flows/return.yaml", "Help to go home is free.", "The police say it is free.")
    english = played(STARTS, bundle=bundle, flow="return", country="DZ", languages=("en",)).phones[0]

    assert any("police" in bubble.unkind for bubble in english.bubbles)


def test_what_does_not_compile_is_said_and_the_rest_is_shown():
    bundle = with_line("flows/return.yaml", "go: ", "go: {nowhere: nowhere-at-all, ")
    screens = played(STARTS, bundle=bundle, flow="asylum-first", country="DZ")
    assert screens.stops
    assert {stop.flow for stop in screens.stops} == {"return"}
    assert screens.broken == ("return",)
    assert ids(screens.phones[0]) == ids(played(STARTS, flow="asylum-first", country="DZ").phones[0])

    screens = played(STARTS, bundle=bundle, flow="return", country="DZ")
    assert "stopped" in notes(screens.phones[0])
    assert ids(screens.phones[0]) == []


def test_a_file_that_all_needs_leaves_nothing_to_show():
    screens = played(STARTS, bundle=BUNDLE.with_file("flows/bot.yaml", "name: [\n"), flow="return")

    assert screens.phones == ()
    assert screens.stops[0].file == "flows/bot.yaml"


def test_a_stale_translation_is_shown_as_it_stands_and_marked():
    po = BUNDLE["locales/fr/LC_MESSAGES/flows.po"]
    entry = next(block for block in po.split("\n\n") if 'msgctxt "return.fear"' in block)
    fuzzy = BUNDLE.with_file("locales/fr/LC_MESSAGES/flows.po", po.replace(entry, entry.replace("msgctxt", "#, fuzzy\nmsgctxt", 1)))
    whole = played(STARTS, flow="return", country="DZ").phones[1]
    stale = played(STARTS, bundle=fuzzy, flow="return", country="DZ").phones[1]

    assert [part.said for bubble in stale.bubbles for part in bubble.parts] == [
        part.said for bubble in whole.bubbles for part in bubble.parts
    ]
    states = {part.id: part.state for bubble in stale.bubbles for part in bubble.parts}
    assert states["return.fear"] == "stale"


def test_a_changed_source_is_seen_at_once():
    text = BUNDLE["flows/bot.yaml"].replace("stopped: OK.", "stopped: Goodbye.")
    screens = played(
        STARTS, Deed("presses", "stop"), bundle=BUNDLE.with_file("flows/bot.yaml", text), flow="return", languages=("en", "fr")
    )

    assert screens.phones[0].bubbles[-1].parts[0].said == "Goodbye."
    assert screens.phones[1].bubbles[-1].parts[0].state == "stale"


def test_erasing_leaves_nothing():
    phone = played(STARTS, Deed("presses", "erase"), flow="return", country="DZ").phones[0]

    assert phone.bubbles[-1].note is not None
    assert phone.bubbles[-1].note.kind == "erased"
    assert phone.held == ()


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_a_message_is_what_service_renders(language: str):
    """The same ids, keys and words as a conversation played without a preview."""
    program = playable(BUNDLE).program
    assert program is not None
    player = Player(program, language, at=datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp())
    player.begins(0)
    player.starts()
    phone = played(STARTS, languages=(language,), at="2026-11-23 10:00").phones[0]

    assert ids(phone) == [message.id for message in player.came]
    assert [tuple(choice.key for choice in bubble.choices) for bubble in phone.bubbles] == [message.keys for message in player.came]
