"""What Telegram sends is reduced to what a conversation needs, and a broken update breaks only itself."""

import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.wire import (
    FromPerson,
    FromStaff,
    GroupMoved,
    GroupStands,
    Nothing,
    StaffPressed,
    TopicShut,
    Unreadable,
    read,
)
from bot.engine.events import Corrected, Left, MediaSent, Pressed, Said, Started, WordPressed

LANGUAGES = ("ar", "fr", "en")
GROUP = -1001


def reading(update, group=GROUP):
    return read(json.dumps(update).encode(), at=5.0, groups=[group] if group is not None else [], languages=LANGUAGES)


def private(**more):
    sender = {"id": 7, "first_name": "AMINATA", "username": "secretname", "language_code": "fr-FR"}
    message = {"message_id": 3, "date": 1, "chat": {"id": 7, "type": "private", "first_name": "AMINATA"}, "from": sender}
    return {"update_id": 11, "message": {**message, **more}}


def test_words_become_said_with_the_chat_as_the_way_back():
    item = reading(private(text="bonjour")).item

    assert (item.channel, item.identity, item.route, item.event_id, item.message) == ("telegram", "7", "7", "tg:11", "3")
    assert item.event == Said(at=5.0, text="bonjour")


def test_no_name_is_read_out_of_an_update():
    item = reading(private(text="bonjour")).item

    kept = msgspec.json.encode(item).decode()
    assert "AMINATA" not in kept
    assert "secretname" not in kept


@pytest.mark.parametrize(("text", "language"), [("/start", "fr"), ("/start ar", "ar"), ("/start@amana_bot en", "en"), ("/start xx", "fr")])
def test_start_takes_the_language_of_the_link_then_of_the_app(text, language):
    assert reading(private(text=text)).item.event == Started(at=5.0, language=language)


@pytest.mark.parametrize("word", ["stop", "erase", "help", "human", "menu", "back", "repeat", "language", "privacy"])
def test_each_command_is_its_global_word(word):
    assert reading(private(text=f"/{word}")).item.event == WordPressed(at=5.0, word=word)


def test_a_photo_is_a_kind_and_a_handle_and_nothing_else():
    event = reading(private(photo=[{"file_id": "small"}, {"file_id": "large"}], caption="words on the photo")).item.event

    assert event == MediaSent(at=5.0, kind="photo", file="large")


def test_a_contact_card_is_a_file_without_a_handle():
    event = reading(private(contact={"phone_number": "+213555", "first_name": "X"})).item.event

    assert event == MediaSent(at=5.0, kind="file", file=None)


def test_a_place_keeps_no_coordinates():
    event = reading(private(location={"latitude": 22.78, "longitude": 5.52})).item.event

    assert event == MediaSent(at=5.0, kind="location", file=None)


def test_a_press_brings_back_life_turn_and_key():
    query = {"id": "9", "data": "abc.4.yes", "message": {"message_id": 3, "chat": {"id": 7, "type": "private"}}}
    what = reading({"update_id": 1, "callback_query": query})

    assert isinstance(what, FromPerson)
    assert what.callback == "9"
    assert what.item.event == Pressed(at=5.0, life="abc", turn=4, key="yes")


def test_a_press_on_a_message_that_is_gone_is_still_a_press():
    query = {"id": "9", "data": "*.stop", "message": {"message_id": 3, "date": 0, "chat": {"id": 7, "type": "private"}}}

    assert reading({"update_id": 1, "callback_query": query}).item.event == WordPressed(at=5.0, word="stop")


def test_being_blocked_is_leaving():
    change = {"chat": {"id": 7, "type": "private"}, "new_chat_member": {"status": "kicked"}}

    assert reading({"update_id": 1, "my_chat_member": change}).item.event == Left(at=5.0)


def test_a_foreign_group_is_left_alone():
    assert reading(private(text="hello", chat={"id": -5, "type": "group"})) == Nothing()


def test_a_caseworker_in_a_topic_is_read_without_their_name():
    what = reading(private(text="salam", chat={"id": GROUP, "type": "supergroup"}, message_thread_id=44))

    assert what == FromStaff(group=GROUP, update=11, user=7, topic=44, message=3, text="salam", edited=False)


def test_an_anonymous_administrator_is_heard_and_known_as_such():
    hidden = {"id": 1087968824, "is_bot": True}
    group = {"id": GROUP, "type": "supergroup"}
    message = private(text="salam", chat=group, message_thread_id=44, sender_chat=group)
    message["message"]["from"] = hidden

    assert reading(message).odd == "anonymous"


def test_a_robot_in_the_group_is_left_alone():
    message = private(text="salam", chat={"id": GROUP, "type": "supergroup"}, message_thread_id=44)
    message["message"]["from"] = {"id": 5, "is_bot": True}

    assert reading(message) == Nothing()


def test_the_group_that_became_a_supergroup_has_moved():
    assert reading(private(chat={"id": GROUP, "type": "group"}, migrate_to_chat_id=-1002)) == GroupMoved(GROUP, -1002)


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"update_id": "1"},
        {"update_id": True},
        {"update_id": 1, "message": "text"},
        {"update_id": 1, "message": {"chat": "7", "text": "x"}},
        {"update_id": 1, "message": {"chat": {"id": "7", "type": "private"}, "text": "x", "message_id": 1}},
        {"update_id": 1, "message": {"chat": {"id": 7, "type": "private"}, "text": 4, "message_id": 1}},
        {"update_id": 1, "message": {"chat": {"id": 7, "type": "private"}, "text": "x"}},
        {"update_id": 1, "callback_query": {"id": 1, "data": "a.1.b", "message": {"chat": {"id": 7, "type": "private"}, "message_id": 1}}},
        {
            "update_id": 1,
            "callback_query": {"id": "1", "data": "nonsense", "message": {"chat": {"id": 7, "type": "private"}, "message_id": 1}},
        },
        [],
        "update",
        None,
    ],
)
def test_a_broken_update_is_unreadable_and_nothing_else(update):
    with pytest.raises(Unreadable):
        reading(update)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["text", "chat", "message_id", "from", "photo", "voice", "sticker", "location", "message_thread_id", "migrate_to_chat_id"]
)


@given(
    update_id=st.integers() | JSON,
    kind=st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "poll"]),
    body=JSON,
)
def test_any_json_is_understood_or_unreadable(update_id, kind, body):
    with suppress(Unreadable):
        reading({"update_id": update_id, kind: body})


@given(
    parts=st.dictionaries(KEYS, JSON, max_size=6),
    place=st.sampled_from([7, GROUP, "7", None]),
    kind=st.sampled_from(["private", "group", 4]),
)
def test_any_message_of_the_right_outline_is_understood_or_unreadable(parts, place, kind):
    message = {"message_id": 1, "chat": {"id": place, "type": kind}, **parts}
    try:
        what = reading({"update_id": 1, "message": message})
    except Unreadable:
        return
    json.dumps(msgspec.to_builtins(what))


# ── the caseworkers' group ──
def in_topic(**more):
    message = private(chat={"id": GROUP, "type": "supergroup"}, message_thread_id=44, text="salam")["message"]
    return {"update_id": 11, "message": {**{key: value for key, value in message.items() if more.get(key, 0) is not None}, **more}}


@pytest.mark.parametrize(
    ("more", "odd"),
    [
        ({}, ""),
        ({"forward_origin": {"type": "hidden_user"}}, "forwarded"),
        ({"forward_date": 5}, "forwarded"),
        ({"via_bot": {"id": 5}}, "via-bot"),
        ({"external_reply": {}}, "elsewhere"),
        ({"reply_to_message": {"message_id": 2, "message_thread_id": 45}}, "elsewhere"),
        ({"reply_to_message": {"message_id": 2, "message_thread_id": 44}}, ""),
        ({"reply_to_message": {"message_id": 2}}, ""),
        ({"poll": {"id": "1"}}, "media"),
    ],
)
def test_what_makes_words_of_staff_nobody_s_answer_is_seen(more, odd):
    assert reading(in_topic(**more)).odd == odd


@pytest.mark.parametrize("news", ["forum_topic_created", "forum_topic_edited", "pinned_message", "new_chat_members", "video_chat_started"])
def test_telegram_s_own_news_of_the_group_is_nobody_s_message(news):
    update = in_topic(**{news: {}})
    del update["message"]["text"]

    assert reading(update) == Nothing()


def test_a_topic_that_was_closed_by_hand_is_seen():
    update = in_topic(forum_topic_closed={})
    del update["message"]["text"]

    assert reading(update) == TopicShut(GROUP, 44)


def test_a_topic_that_staff_made_is_told_from_one_of_ours():
    for robot in (False, True):
        first = {"message_id": 44, "message_thread_id": 44, "forum_topic_created": {"name": "x"}, "from": {"id": 5, "is_bot": robot}}
        assert reading(in_topic(reply_to_message=first)).theirs is not robot


def test_a_press_in_the_group_is_a_caseworker_s():
    query = {
        "id": "9",
        "data": "claim.K7",
        "from": {"id": 77},
        "message": {"message_id": 3, "message_thread_id": 44, "chat": {"id": GROUP}},
    }
    expected = StaffPressed(group=GROUP, update=1, user=77, topic=44, message=3, data="claim.K7", callback="9")
    assert reading({"update_id": 1, "callback_query": query}) == expected

    del query["message"]["message_thread_id"], query["data"]
    gone = StaffPressed(group=GROUP, update=1, user=77, topic=None, message=3, data="", callback="9")
    assert reading({"update_id": 1, "callback_query": query}) == gone


def test_a_press_in_a_group_that_is_not_ours_is_nothing():
    query = {"id": "9", "data": "claim.K7", "from": {"id": 77}, "message": {"message_id": 3, "chat": {"id": -5, "type": "supergroup"}}}

    assert reading({"update_id": 1, "callback_query": query}) == Nothing()


@pytest.mark.parametrize(
    ("standing", "lacks"),
    [
        ({"status": "administrator", "can_manage_topics": True}, ""),
        ({"status": "administrator"}, "no-rights"),
        ({"status": "member"}, "no-rights"),
        ({"status": "restricted"}, "no-rights"),
        ({"status": "left"}, "no-group"),
        ({"status": "kicked"}, "no-group"),
    ],
)
def test_what_we_are_in_the_group_is_known_at_once(standing, lacks):
    change = {"chat": {"id": GROUP, "type": "supergroup"}, "new_chat_member": standing}

    assert reading({"update_id": 1, "my_chat_member": change}) == GroupStands(GROUP, lacks)


def test_what_a_person_changed_is_told_as_such_and_nothing_but_text_is_followed():
    edited = private(text="rue des Roses")["message"]
    assert reading({"update_id": 1, "edited_message": edited}).item.event == Corrected(at=5.0, text="rue des Roses")

    del edited["text"]
    edited["location"] = {"latitude": 1.0, "longitude": 1.0}
    assert reading({"update_id": 1, "edited_message": edited}) == Nothing()
