"""The desk in Telegram: a topic for each case; what is written and pressed there is done for its case, or refused."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.conversation.group.groupstate import outage
from bot.ports import NotOurs
from tests.botapi import Fault
from tests.channels.telegram.stage import GROUP, TO_CASE, WORDS, refusal, uncorrected


async def test_an_answer_in_a_topic_reaches_the_person_and_claims_the_case(scene):
    topic = await scene.case()
    await scene.staff(topic, "Bonjour, je vous lis.")

    assert scene.double.sent(7)[-1]["text"] == "Bonjour, je vous lis."
    (index,) = await scene.world.store.cases(states=("claimed",), teams=None)
    assert index.claimant
    assert scene.why() == []


async def test_a_second_caseworker_is_told_that_the_case_is_taken(scene):
    topic = await scene.case()
    await scene.staff(topic, "Bonjour", user=77)
    before = len(scene.double.sent(7))
    await scene.staff(topic, "Moi aussi", user=78)

    assert len(scene.double.sent(7)) == before
    assert scene.why() == [refusal("taken")]


async def test_a_note_stays_among_staff(scene):
    topic = await scene.case()
    before = len(scene.double.sent(7))
    await scene.staff(topic, "/note rappeler demain")
    (index,) = await scene.world.store.cases(states=("waiting",), teams=None)
    page = await scene.world.desk.open(index.code, await scene.world.member())

    assert len(scene.double.sent(7)) == before
    assert [(entry.kind, entry.text) for entry in page.entries][-1] == ("note", "rappeler demain")


async def test_a_case_is_closed_from_its_topic(scene):
    topic = await scene.case()
    await scene.staff(topic, "Bonjour")
    await scene.staff(topic, "/close@amana_bot answered")

    assert len(await scene.world.store.cases(states=("closed",), teams=None)) == 1
    await scene.staff(topic, "Encore un mot")
    assert scene.why() == [refusal("closed")]


@pytest.mark.parametrize(
    ("text", "more", "why"),
    [
        (None, {}, "media"),
        ("/unknown", {}, "command"),
        ("Bonjour", {"forward_origin": {"type": "user"}}, "forwarded"),
        ("Bonjour", {"via_bot": {"id": 5, "is_bot": True}}, "via-bot"),
        ("Bonjour", {"external_reply": {"origin": {}}}, "elsewhere"),
        ("Bonjour", {"reply_to_message": {"message_id": 1, "message_thread_id": 5}}, "elsewhere"),
        ("Bonjour", {"sender_chat": {"id": GROUP}}, "anonymous"),
    ],
)
async def test_what_is_nobody_s_own_answer_is_refused_with_a_reason(scene, text, more, why):
    topic = await scene.case()
    before = len(scene.double.sent(7))
    await scene.staff(topic, text, **more)

    assert len(scene.double.sent(7)) == before
    assert scene.why() == [refusal(why)]


async def test_a_reply_to_a_post_of_the_same_topic_is_an_answer(scene):
    topic = await scene.case()
    await scene.staff(topic, "Bonjour", reply_to_message={"message_id": 3, "message_thread_id": topic})

    assert scene.double.sent(7)[-1]["text"] == "Bonjour"


# ── topics of no case ──
async def test_an_orphan_is_refused_and_closed(scene):
    topic = await scene.case()
    scene.double.methods.topics[topic + 50_000] = "open"
    await scene.staff(topic + 50_000, "Bonjour")

    assert scene.why() == [refusal("unbound")]
    assert scene.double.methods.topics[topic + 50_000] == "closed"
    assert scene.double.methods.topics[topic] == "open"


async def test_in_a_topic_that_staff_made_it_is_said_once_that_nobody_reads_it_and_it_stays_open(scene):
    await scene.case()
    first = {"message_id": 900, "message_thread_id": 900, "forum_topic_created": {"name": "Café"}, "from": {"id": 77, "is_bot": False}}
    for _ in range(3):
        await scene.staff(900, "Qui vient ?", reply_to_message=first)

    assert scene.posts(900) == [refusal("unbound")]
    assert scene.double.of("closeForumTopic") == []


async def test_a_topic_that_somebody_closes_while_its_case_is_open_is_opened_again(scene):
    topic = await scene.case()
    scene.double.methods.topics[topic] = "closed"
    await scene.deliver(scene.double.make.shut_by_hand(GROUP, topic))

    assert scene.double.methods.topics[topic] == "open"


class Died(BaseException):
    """The end of a process, which nothing of ours catches."""


def crashes_at(monkeypatch, point):
    """The process dies there, the first time that it comes by."""
    died = []

    def crash(name):
        if name == point and not died:
            died.append(name)
            raise Died

    for module in ("group.topics", "sending.sender"):
        monkeypatch.setattr(f"bot.conversation.{module}.crashpoint", crash)
    return died


def restarted(world):
    """What a process that begins knows: what is in the store."""
    world.store.in_flight.clear()
    world.sender._topics._made.clear()
    world.sender._topics._owed.clear()
    world.sender._parcels.clear()


POINTS = (
    "sender.before_send",
    "sender.after_topic",
    "sender.after_send",
    "sender.after_bound",
    "sender.before_settle",
    "sender.after_settle",
)


@pytest.mark.parametrize("point", POINTS)
async def test_a_crash_while_a_topic_is_made_leaves_one_orphan_at_most_which_takes_no_answer(scene, monkeypatch, point):
    await scene.person("/start fr", "[fr]", "[yes]", "/human", *(f"[{key}]" for key in TO_CASE[:-1]))
    real = scene.world.sender._guarded
    lanes = []

    async def only_the_group_dies(due):
        lanes.append(due.row.lane)
        if due.row.lane == "group" and "group" not in lanes[:-1]:
            died.extend(crashes_at(monkeypatch, point))
        await real(due)

    died = []
    monkeypatch.setattr(scene.world.sender, "_guarded", only_the_group_dies)
    with pytest.raises(Died):
        await scene.person(f"[{TO_CASE[-1]}]")
    monkeypatch.setattr(scene.world.sender, "_guarded", real)
    restarted(scene.world)
    await scene.world.settle()

    made = list(scene.double.methods.topics)
    assert 1 <= len(made) <= 2
    *orphans, topic = made
    code = await scene.code(topic)
    assert code in scene.double.methods.titles[topic]
    assert any("Algérie" in post for post in scene.posts(topic))
    before = len(scene.double.sent(7))
    for orphan in orphans:
        await scene.staff(orphan, "Bonjour")
        assert scene.double.methods.topics[orphan] == "closed"
    assert len(scene.double.sent(7)) == before
    await scene.staff(topic, "Bonjour à vous")
    assert scene.double.sent(7)[-1]["text"] == "Bonjour à vous"


async def test_a_worker_that_lost_its_people_while_it_made_a_topic_leaves_one_that_takes_no_answer(scene, monkeypatch):
    real, lost = scene.world.store.settle, []

    async def another_has_them(results):
        if not lost and any(one.topic for one in results):
            lost.append(results)
            scene.world.store.in_flight.clear()
            scene.world.sender._topics._made.clear()  # the other worker knows of no topic
            raise NotOurs
        return await real(results)

    monkeypatch.setattr(scene.world.store, "settle", another_has_them)
    await scene.case()
    await scene.world.settle()
    orphan, topic = list(scene.double.methods.topics)
    before = len(scene.double.sent(7))
    await scene.staff(orphan, "Bonjour")

    assert lost
    assert len(scene.double.sent(7)) == before
    assert scene.double.methods.topics == {orphan: "closed", topic: "open"}
    assert await scene.code(topic)


# ── titles ──
async def test_the_title_says_how_the_case_stands_and_nothing_else(scene):
    topic = await scene.case()
    code = await scene.code(topic)
    titles = scene.double.methods.titles
    assert titles[topic] == f"○ {code} · waits"

    await scene.staff(topic, "Bonjour")
    tree = (await scene.index(topic)).claimant
    assert titles[topic] == f"● {code} · {tree}"

    await scene.person("Merci")
    before = len(scene.double.of("editForumTopic"))
    await scene.person("on va me tuer")
    assert titles[topic] == f"‼ {code} · danger · {tree}"
    await scene.person("/stop")
    assert titles[topic] == f"‼ {code} · danger · do not write"
    assert len(scene.double.of("editForumTopic")) == before + 2

    await scene.person("Je suis là")
    await scene.staff(topic, "/close")
    assert (titles[topic], scene.double.methods.topics[topic]) == (f"✓ {code} · closed", "closed")
    assert not any(word in title for title in scene.double.of("editForumTopic") for word in ("DZ", "Alg", "tuer"))


# ── buttons ──
async def test_the_first_post_has_the_buttons_of_a_case_that_waits(scene):
    topic = await scene.case()

    assert scene.labels(topic) == [["Claim", "Transfer", "Note", "Close"]]


async def test_a_case_is_claimed_by_a_button_and_the_buttons_follow(scene):
    topic = await scene.case()
    said = await scene.press("Claim", topic)
    index = await scene.index(topic)

    assert (index.state, said["text"], said["show_alert"]) == ("claimed", f"{index.claimant} has this case.", False)
    assert scene.labels(topic) == [["Transfer", "Note", "Close", "Hand back"]] * 2


async def test_a_second_press_by_another_is_told_who_has_it(scene):
    topic = await scene.case()
    first = min(number for _, number in scene.double.methods.keyboards if scene.double.methods.topics_in.get(number) == topic)
    code = await scene.code(topic)
    await scene.press("Claim", topic, user=77)
    said = await scene.press_data(f"claim.{code}", topic, first, user=78)

    assert said["show_alert"] is True
    assert "colleague" in said["text"] or "has this case" in said["text"]


async def test_a_button_of_another_case_does_nothing_wherever_it_is_pressed(scene):
    mine, theirs = await scene.case(chat=7), await scene.case(chat=8)
    code = await scene.code(theirs)
    for data in (f"claim.{code}", f"end.{code}.answered", f"to.{code}.Cèdre", f"flow.{code}"):
        said = await scene.press_data(data, mine, 1)
        assert (said["show_alert"], "not of the case" in said["text"]) == (True, True)

    assert (await scene.index(theirs)).state == (await scene.index(mine)).state == "waiting"


@pytest.mark.parametrize("data", ["", "claim", "claim.", "x.y.z", "l.1.yes", "*.stop", "erase.K7", "claim.NONE"])
async def test_a_press_that_is_none_of_ours_is_answered_and_does_nothing(scene, data):
    topic = await scene.case()
    said = await scene.press_data(data, topic, 1)

    assert said["show_alert"] is True
    assert (await scene.index(topic)).state == "waiting"


async def test_a_press_under_a_post_that_is_gone_does_nothing(scene):
    topic = await scene.case()
    said = await scene.press_data(f"claim.{await scene.code(topic)}", None, 1)

    assert said["show_alert"] is True
    assert (await scene.index(topic)).state == "waiting"


async def test_a_case_is_closed_by_choosing_how_it_ended(scene):
    topic = await scene.case()
    code = await scene.code(topic)
    await scene.press("Claim", topic)
    await scene.press("Close", topic)
    said = await scene.press("Referred to a service", topic)
    page = await scene.world.desk.open(code, await scene.world.member())

    assert (page.index.state, page.outcome, said["text"]) == ("closed", "referred", "Closed.")
    assert "Referred to a service" not in [label for labels in scene.labels(topic) for label in labels]


async def test_going_back_from_a_choice_shows_the_buttons_again(scene):
    topic = await scene.case()
    await scene.press("Close", topic)
    assert "Other" in scene.labels(topic)[0]
    await scene.press("↩ Back", topic)

    assert scene.labels(topic) == [["Claim", "Transfer", "Note", "Close"]]


async def test_a_case_is_passed_to_a_colleague_or_a_team_by_buttons(scene):
    topic = await scene.case()
    cedar = await scene.world.member("karim")
    await scene.press("Claim", topic)
    await scene.press("Transfer", topic)
    await scene.press(cedar.name, topic)
    assert (await scene.index(topic)).claimant == cedar.name

    titles = scene.double.methods.titles
    assert titles[topic].endswith(cedar.name)
    now = (await scene.index(topic)).team
    other = next(team for team in scene.world.library.current().teams.teams if team != now)
    code = await scene.code(topic)
    said = await scene.press_data(f"only.{code}.{other}", topic, 1, user=99)
    assert said["show_alert"] is True  # who has not the case does not pass it on
    assert (await scene.index(topic)).team != other


async def test_a_conversation_is_handed_back_by_a_button(scene):
    topic = await scene.case()
    await scene.press("Claim", topic)
    await scene.press("Hand back", topic)
    said = await scene.press("Where it stopped", topic)

    assert said["text"] == "Handed back to the machine."
    assert (await scene.index(topic)).state == "closed"
    assert scene.double.methods.titles[topic].startswith("✓")


async def test_who_is_not_of_the_case_s_team_may_neither_press_nor_answer_and_takes_nobody_s_buttons_away(scene):
    topic = await scene.case()
    id_ = f"tg-{scene.world.vault.person('desk', '88').hex()[:16]}"
    await scene.world.staff.add(id_, teams=("another-team",))
    before, labels = len(scene.double.sent(7)), scene.labels(topic)
    said = await scene.press("Claim", topic, user=88)
    await scene.staff(topic, "Bonjour", user=88)

    assert (said["show_alert"], said["text"]) == (True, WORDS.say("topic.why.forbidden", "fr"))
    assert scene.why() == [refusal("forbidden")]
    assert (len(scene.double.sent(7)), scene.labels(topic)) == (before, labels)
    assert (await scene.index(topic)).state == "waiting"


# ── commands ──
async def test_commands_do_what_buttons_do(scene):
    topic = await scene.case()
    karim = await scene.world.member("karim")
    await scene.staff(topic, "/claim")
    await scene.staff(topic, "/tag Urgent, papiers")
    await scene.staff(topic, f"/transfer {karim.name.lower()}: parle arabe")
    page = await scene.world.desk.open(await scene.code(topic), karim)

    assert page.index.claimant == karim.name
    assert set(page.tags) == {"urgent", "papiers"}
    assert ("note", "parle arabe") in [(entry.kind, entry.text) for entry in page.entries]
    await scene.staff(topic, "/help")
    assert "/transfer" in scene.posts(topic)[-1]


async def test_a_command_that_names_nobody_is_refused_and_nothing_of_it_reaches_the_person(scene):
    topic = await scene.case()
    before = len(scene.double.sent(7))
    for text in ("/transfer Personne: secret", "/back nulle-part", "/close perdu", "/r 99", "/reply secret", "/"):
        await scene.staff(topic, text)

    assert [sent["text"] for sent in scene.double.sent(7)[before:] if "secret" in sent["text"]] == []
    assert (await scene.index(topic)).state == "waiting"


async def test_a_reply_that_stands_ready_goes_in_the_person_s_language(scene):
    topic = await scene.case()
    program = scene.world.library.current()
    id_ = next(iter(program.replies))
    await scene.staff(topic, "/r")
    assert "1. " in scene.posts(topic)[-1]
    await scene.staff(topic, f"/r {id_}")

    assert scene.double.sent(7)[-1]["text"] == program.texts.say(f"replies.{id_}", "fr")


# ── edits ──
async def test_an_edited_answer_reaches_the_person_as_a_correction(scene):
    topic = await scene.case()
    message = await scene.staff(topic, "Rendez-vous à 9 h")
    await scene.staff(topic, "Rendez-vous à 10 h", edited=True, message=message)

    assert scene.double.sent(7)[-1]["text"].endswith("Rendez-vous à 10 h")
    assert scene.double.sent(7)[-1]["text"] != "Rendez-vous à 10 h"
    assert scene.why() == []


async def test_an_edit_of_what_never_went_to_the_person_is_refused(scene):
    topic = await scene.case()
    note = await scene.staff(topic, "/note tante à Oran")
    answer = await scene.staff(topic, "Bonjour")
    before = len(scene.double.sent(7))
    await scene.staff(topic, "tante à Oran", edited=True, message=note)
    assert scene.why() == [uncorrected("edited")]
    await scene.staff(topic, "/note elle ment", edited=True, message=answer)
    assert scene.why() == [uncorrected("edited-command")]
    await scene.staff(topic, "Autre", edited=True, message=424_242)
    assert scene.why() == [uncorrected("edited")]

    assert len(scene.double.sent(7)) == before


async def test_what_a_person_changes_is_told_with_the_words_they_took_back_still_in_the_thread(scene):
    topic = await scene.case()
    await scene.staff(topic, "Bonjour")
    sent = scene.double.text(7, "rue des Lilas")
    await scene.deliver(sent)
    await scene.deliver(scene.double.make.changed(sent, "rue des Roses"))
    page = await scene.world.desk.open(await scene.code(topic), await scene.world.member())

    assert [(entry.kind, entry.text) for entry in page.entries][-2:] == [("person", "rue des Lilas"), ("person", "rue des Roses")]
    assert page.entries[-1].edits == page.entries[-2].n
    assert scene.posts(topic)[-1].endswith("the person changed what they had written:\nrue des Roses")
    hidden = scene.double.sent(GROUP)[-1]
    assert hidden["entities"][0]["type"] == "spoiler"
    assert hidden["protect_content"] is True


async def test_a_change_of_a_message_outside_of_a_case_changes_nothing(scene):
    sent = scene.double.text(7, "/start fr")
    await scene.deliver(sent)
    before = len(scene.double.calls)
    await scene.deliver(scene.double.make.changed(sent, "stop"))

    assert len(scene.double.calls) == before


async def test_an_edit_by_another_caseworker_s_account_or_in_another_topic_reaches_nobody(scene):
    mine, theirs = await scene.case(chat=7), await scene.case(chat=8)
    message = await scene.staff(mine, "Pour sept")
    await scene.staff(theirs, "Pour huit")
    before = len(scene.double.sent(7)), len(scene.double.sent(8))
    await scene.staff(theirs, "Pour sept, corrigé", edited=True, message=message)

    assert (len(scene.double.sent(7)), len(scene.double.sent(8))) == before
    assert scene.why() == [uncorrected("edited")]


async def test_an_answer_goes_only_to_the_person_of_its_topic(scene):
    first, second = await scene.case(chat=7), await scene.case(chat=8)
    await scene.staff(second, "Pour huit")
    await scene.staff(first, "Pour sept")

    assert scene.double.sent(7)[-1]["text"] == "Pour sept"
    assert scene.double.sent(8)[-1]["text"] == "Pour huit"
    assert "Pour huit" not in [sent["text"] for sent in scene.double.sent(7)]


async def test_a_group_that_became_a_supergroup_is_followed_and_remembered(scene):
    await scene.case()
    moved = scene.double.in_topic(GROUP, 1, "x")
    moved["message"] = {**moved["message"], "migrate_to_chat_id": -1002}
    del moved["message"]["text"]
    assert await scene.post(moved) == 200
    assert scene.group.group == -1002

    scene.group.moves.now = GROUP  # as after a restart
    await scene.door.set_up(url="", commands={})
    assert scene.group.group == -1002


async def test_an_error_in_the_group_harms_no_person(scene, monkeypatch):
    async def broken(_message):
        raise ZeroDivisionError("words")

    topic = await scene.case()
    monkeypatch.setattr(scene.door._caseworkers[0], "take", broken)
    await scene.staff(topic, "Bonjour")

    assert scene.counters.unreadable == 1
    assert await scene.post(scene.double.text(9, "/start")) == 200


# ── whose Telegram account it is ──
@pytest.mark.parametrize("command", ["/me {}", "/me@amana_bot {}"])
async def test_a_code_links_the_account_and_the_answer_carries_the_same_tree_as_at_the_desk(scene, command):
    topic, before = await scene.case(), len(scene.double.sent(7))
    amina = await scene.world.member("amina")
    await scene.staff(topic, command.format(await scene.world.staff.link_code(amina)))
    assert len(scene.double.sent(7)) == before
    await scene.staff(topic, "Bonjour, je vous lis.")

    (index,) = await scene.world.store.cases(states=("claimed",), teams=None)
    assert index.claimant == amina.name
    assert [one.id for one in await scene.world.staff.list()] == ["amina"]


async def test_a_wrong_code_links_nothing_and_goes_to_nobody(scene):
    topic, before = await scene.case(), len(scene.double.sent(7))
    await scene.staff(topic, "/me ABCDEFGH")

    assert len(scene.double.sent(7)) == before
    assert await scene.world.staff.list() == []
    assert WORDS.say("topic.not-linked", "fr") in scene.double.sent(GROUP)[-1]["text"]


async def test_where_the_group_is_not_trusted_only_who_is_linked_answers(scene):
    scene.door._caseworkers[0]._trusted = False
    topic, before = await scene.case(), len(scene.double.sent(7))
    await scene.staff(topic, "Bonjour")
    assert len(scene.double.sent(7)) == before
    assert scene.why() == [refusal("unlinked")]

    amina = await scene.world.member("amina")
    await scene.staff(topic, f"/me {await scene.world.staff.link_code(amina)}")
    await scene.staff(topic, "Bonjour")
    assert scene.double.sent(7)[-1]["text"] == "Bonjour"


# ── the whole group ──
@pytest.mark.parametrize(
    ("status", "rights", "reason"), [("left", {}, "no-group"), ("kicked", {}, "no-group"), ("member", {}, "no-rights")]
)
async def test_the_desk_knows_that_the_bot_was_put_out_before_anything_is_posted(scene, status, rights, reason):
    await scene.deliver(scene.double.standing(GROUP, status, **rights))
    assert (await outage(scene.world.store)).reason == reason

    await scene.deliver(scene.double.standing(GROUP, "administrator", can_manage_topics=True))
    assert await outage(scene.world.store) is None


async def test_the_group_s_menu_holds_the_commands_of_caseworkers(scene):
    await scene.door.set_up(url="", commands={"": {"stop": "Stop"}})
    everywhere, group = scene.double.of("setMyCommands")

    assert "scope" not in everywhere
    assert group["scope"] == {"type": "chat", "chat_id": GROUP}
    assert [one["command"] for one in group["commands"]] == ["claim", "note", "r", "transfer", "tag", "back", "close", "help", "me"]
    assert all(0 < len(one["description"]) <= 256 for one in group["commands"])


async def test_a_menu_that_cannot_be_set_holds_nothing_up(scene):
    scene.double.faults.append(Fault("setMyCommands", 400, "Bad Request: chat not found"))
    await scene.door.set_up(url="", commands={})

    assert len(scene.double.of("deleteWebhook")) == 1


# ── a case that comes back ──
async def test_the_topic_of_a_case_that_comes_back_is_opened_again_before_anything_is_posted_in_it(scene):
    topic = await scene.case()
    code = await scene.code(topic)
    await scene.press("Claim", topic)
    await scene.press("Close", topic)
    await scene.press("Answered", topic)
    assert scene.double.methods.topics[topic] == "closed"
    scene.double.methods.shut_out = True
    await scene.person("/human", *(f"[{key}]" for key in TO_CASE))

    assert (await scene.index(topic)).state == "waiting"
    assert scene.double.methods.topics == {topic: "open"}
    assert scene.double.methods.titles[topic] == f"○ {code} · waits"
    assert "came back" in "".join(scene.posts(topic))
    assert scene.labels(topic)[-1][0] == "Claim"


async def test_an_answer_outside_the_hours_says_when_it_goes_and_a_button_takes_it_back(scene):
    await scene.person("/start fr", "[fr]", "[yes]", "/human", "[worry]", "[DZ]", "[yes]", "[night]", "[done]")
    topic = scene.double.sent(GROUP)[-1]["message_thread_id"]
    page = await scene.world.desk.open(await scene.code(topic), await scene.world.member())
    before = len(scene.double.sent(7))
    await scene.staff(topic, "Bonjour")

    when = f"{datetime.fromtimestamp(page.next_safe, ZoneInfo('Africa/Algiers')):%d/%m %H:%M}"
    assert scene.why() == [WORDS.say("topic.waits", "fr", when=when)]
    await scene.staff(topic, "/r 1")
    assert scene.why() == [WORDS.say("topic.waits", "fr", when=when)]
    assert len(scene.double.sent(7)) == before

    told = await scene.press("Take it back", topic)
    assert told["text"] == WORDS.say("topic.did.undo", "fr")
    page = await scene.world.desk.open(await scene.code(topic), await scene.world.member())
    assert [one.text for one in page.later] == ["Bonjour"]
    assert scene.labels(topic)[-2:].count(["Take it back"]) == 1
