"""Messages leave for Telegram as they should, and its refusals come back in our words."""

import pytest

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.group import DeskGroup
from bot.channels.telegram.limits import paces
from bot.channels.telegram.moves import Moves
from bot.channels.telegram.transport import BotApi, FastRequest
from bot.ports import OutButton, Outgoing, SendFailed
from tests.botapi import TOKEN, Fault, serving
from tests.fakes import MemoryStore


@pytest.fixture
async def server():
    async with serving() as double:
        yield double


@pytest.fixture
async def api(server):
    api = BotApi(token=TOKEN, url=server.url, request=FastRequest(seconds=3.0))
    yield api
    await api.close()


def said(text="Salam", **more):
    return Outgoing(kind="bot", language="ar", text=text, **more)


async def test_a_message_is_text_without_a_parse_mode(server, api):
    receipt = await TelegramChannel(api).send("7", said("<b>*مرحباً*</b>"))

    (sent,) = server.sent(7)
    assert sent["text"] == "<b>*مرحباً*</b>"
    assert "parse_mode" not in sent
    assert receipt.message.isdigit()


async def test_short_buttons_stand_in_pairs_and_long_ones_alone(server, api):
    buttons = (OutButton("نعم", "l.1.yes"), OutButton("لا", "l.1.no"), OutButton("شخص من الفريق هنا", "l.1.person"))
    await TelegramChannel(api).send("7", said(buttons=buttons))

    rows = server.sent(7)[0]["reply_markup"]["inline_keyboard"]
    assert [[b["callback_data"] for b in row] for row in rows] == [["l.1.yes", "l.1.no"], ["l.1.person"]]


async def test_the_standing_keyboard_stays_until_it_is_taken_away(server, api):
    channel = TelegramChannel(api)
    await channel.send("7", said(keyboard="show", keyboard_labels=("Arrêter", "Humain", "Menu", "Avant")))
    await channel.send("7", said(keyboard="hide"))

    shown, hidden = (sent["reply_markup"] for sent in server.sent(7))
    assert shown["is_persistent"] is True
    assert [[b["text"] for b in row] for row in shown["keyboard"]] == [["Arrêter", "Humain"], ["Menu", "Avant"]]
    assert hidden == {"remove_keyboard": True}


async def test_an_answered_message_loses_its_buttons(server, api):
    channel = TelegramChannel(api)
    await channel.send("7", said(replaces="55"))
    await channel.close()

    (edit,) = server.sent(7, "editMessageReplyMarkup")
    assert edit["message_id"] == 55
    assert edit["reply_markup"] == {"inline_keyboard": []}


async def test_the_next_page_takes_the_place_of_the_last(server, api):
    receipt = await TelegramChannel(api).send("7", said("page 2", replaces="55", edit=True))

    assert server.sent(7) == []
    assert server.sent(7, "editMessageText")[0]["text"] == "page 2"
    assert receipt.message == "55"


async def test_a_page_that_cannot_be_edited_is_sent_anew(server, api):
    server.faults.append(Fault("editMessageText", 400, "Bad Request: message can't be edited"))
    await TelegramChannel(api).send("7", said("page 2", replaces="55", edit=True))

    assert server.sent(7)[0]["text"] == "page 2"


async def test_that_somebody_writes_is_shown_in_the_chat_and_is_no_message(server, api):
    await TelegramChannel(api).show_writing("7")

    assert server.of("sendChatAction") == [{"chat_id": "7", "action": "typing"}]
    assert server.sent(7) == []


async def test_that_somebody_writes_is_not_shown_to_who_blocked_the_bot(server, api):
    server.faults.append(Fault("sendChatAction", status=403, description="Forbidden: bot was blocked by the user"))

    with pytest.raises(SendFailed, match="person-left"):
        await TelegramChannel(api).show_writing("7")


async def test_messages_are_removed_a_hundred_at_a_time(server, api):
    ids = tuple(str(n) for n in range(1, 251))
    await TelegramChannel(api).send("7", Outgoing(kind="remove", language="ar", remove_ids=ids))

    assert [len(call["message_ids"]) for call in server.sent(7, "deleteMessages")] == [100, 100, 50]


@pytest.mark.parametrize(
    ("status", "description", "parameters", "reason", "unknown"),
    [
        (429, "Too Many Requests", {"retry_after": 7}, "slow-down", False),
        (403, "Forbidden: bot was blocked by the user", {}, "person-left", False),
        (403, "Forbidden: user is deactivated", {}, "person-left", False),
        (400, "Bad Request: chat not found", {}, "person-left", False),
        (400, "Bad Request: group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": -1002}, "moved", False),
        (400, "Bad Request: message is too long", {}, "refused", False),
        (500, "Internal Server Error", {}, "server", True),
        (502, "Bad Gateway", {}, "server", True),
    ],
)
async def test_a_refusal_comes_back_in_our_words(server, api, status, description, parameters, reason, unknown):
    server.faults.append(Fault("sendMessage", status, description, parameters))

    with pytest.raises(SendFailed) as failed:
        await TelegramChannel(api).send("7", said())

    assert (failed.value.reason, failed.value.unknown) == (reason, unknown)


async def test_a_wait_that_telegram_asks_for_is_carried_along(server, api):
    server.faults.append(Fault("sendMessage", 429, "Too Many Requests", {"retry_after": 7}))

    with pytest.raises(SendFailed) as failed:
        await TelegramChannel(api).send("7", said())

    assert failed.value.retry_after == 7


async def test_nobody_reached_is_known_not_to_have_gone_out():
    api = BotApi(token=TOKEN, url="http://127.0.0.1:9", request=FastRequest(seconds=2.0))

    with pytest.raises(SendFailed) as failed:
        await TelegramChannel(api).send("7", said())
    await api.close()

    assert (failed.value.reason, failed.value.unknown) == ("network", False)


async def test_no_error_holds_the_token(api):
    api = BotApi(token=TOKEN, url="http://127.0.0.1:9", request=FastRequest(seconds=2.0))

    with pytest.raises(SendFailed) as failed:
        await TelegramChannel(api).send("7", said())
    await api.close()

    assert TOKEN not in repr(failed.value)
    assert failed.value.__cause__ is None


POST = Outgoing(kind="post", language="fr", text="x", case="c")


def desk_group(api, store=None):
    return DeskGroup(api, Moves(store=store or MemoryStore(), written=-1001))


async def test_a_person_s_words_stand_under_a_spoiler_with_protected_content(server, api):
    group = desk_group(api)
    await group.send("-1001/44", Outgoing(kind="post", language="fr", text="K7-42X 😀", case="K7-42X", spoiler="عاونوني"))

    (sent,) = server.sent(-1001)
    assert sent["protect_content"] is True
    assert sent["message_thread_id"] == 44
    (spoiler,) = sent["entities"]
    assert (
        sent["text"].encode("utf-16-le")[spoiler["offset"] * 2 : (spoiler["offset"] + spoiler["length"]) * 2].decode("utf-16-le")
        == "عاونوني"
    )


async def test_a_topic_is_made_and_comes_back_with_its_group(server, api):
    receipt = await desk_group(api).send("", Outgoing(kind="topic", language="fr", text="K7-42X", case="K7-42X"))

    group, _, topic = receipt.topic.partition("/")
    assert (group, topic.isdigit()) == ("-1001", True)


@pytest.mark.parametrize("place", ["-1009/44", "44", ""])
async def test_a_topic_of_another_group_is_never_written_to(server, api, place):
    """Numbers of topics begin anew in each group: the same number is another person's case there."""
    with pytest.raises(SendFailed) as failed:
        await desk_group(api).send(place, POST)

    assert failed.value.reason == "no-topic"
    assert server.calls == []


async def test_the_whole_group_is_told_in_no_topic_and_it_is_known_whether_it_was(server, api):
    group = desk_group(api)
    assert await group.announce("E-mail does not go out.")
    (sent,) = server.sent(-1001)
    assert (sent["text"], sent.get("message_thread_id")) == ("E-mail does not go out.", None)

    server.faults.append(Fault("sendMessage", 403, "Forbidden: bot was kicked from the supergroup chat"))
    assert not await group.announce("again")


async def test_a_group_that_moved_is_followed(server, api):
    group = desk_group(api)
    server.faults.append(Fault("sendMessage", 400, "upgraded", {"migrate_to_chat_id": -1002}))

    with pytest.raises(SendFailed):
        await group.send("-1001/44", POST)
    await group.send("-1002/44", POST)

    assert server.sent(-1002)[0]["text"] == "x"


async def test_a_group_that_moved_twice_is_found_after_a_restart(server, api):
    store = MemoryStore()
    group = desk_group(api, store)
    for now, to in ((-1001, -1002), (-1002, -1003)):
        server.faults.append(Fault("sendMessage", 400, "upgraded", {"migrate_to_chat_id": to}))
        with pytest.raises(SendFailed):
            await group.send(f"{now}/44", POST)
    await desk_group(api, store).send("-1003/44", POST)

    assert server.sent(-1003)[0]["text"] == "x"


@pytest.mark.parametrize(
    ("status", "said", "reason"),
    [
        (403, "Forbidden: bot was kicked from the supergroup chat", "no-group"),
        (403, "Forbidden: the group chat was deleted", "no-group"),
        (403, "Forbidden: bot is not a member of the supergroup chat", "no-group"),
        (400, "Bad Request: chat not found", "no-group"),
        (400, "Bad Request: not enough rights to send text messages to the chat", "no-rights"),
        (400, "Bad Request: not enough rights to create a topic", "no-rights"),
        (400, "Bad Request: the chat is not a forum", "no-rights"),
    ],
)
async def test_what_is_wrong_with_the_whole_group_is_tried_again_within_a_minute(server, api, status, said, reason):
    server.faults.append(Fault("sendMessage", status, said))

    with pytest.raises(SendFailed) as failed:
        await desk_group(api).send("-1001/44", POST)

    assert failed.value.reason == reason
    assert failed.value.retry_after <= 60


def test_the_usual_pace_is_that_of_telegram_and_a_server_of_one_s_own_has_none():
    bot, group = paces(30)

    assert (bot.most, bot.seconds, group.most, group.seconds) == (30, 1.0, 20, 60.0)
    assert [pace.most for pace in paces(1001)] == [0, 0]


@pytest.mark.parametrize("sold", [1, 7, 30, 31, 250, 1000])
def test_a_pace_is_what_was_sold(sold):
    bot, _ = paces(sold)

    assert bot.most / bot.seconds == pytest.approx(sold)
