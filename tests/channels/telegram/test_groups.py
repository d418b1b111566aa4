"""Teams with a group of their own: a case stands in its team's group, moves with it, and one group's troubles are not another's."""

import pytest

from bot.config import read
from bot.conversation.group.groups import Groups
from bot.conversation.group.groupstate import outage
from tests.botapi import Fault
from tests.channels.telegram.stage import GROUP, WORDS, built, refusal

OWN = -1007
FIRST = "derriere la mosquee bleue"


@pytest.fixture
async def scene():
    async with built({"": GROUP, "child-protection": OWN, "return-desk": None}) as made:
        yield made


async def moved(scene, *, team="child-protection", agreed):
    """A case with words in it, claimed in the group of all teams, that goes to a team; gives its topic there."""
    topic = await scene.case()
    await scene.person(FIRST)
    await scene.staff(topic, "Bonjour")
    await scene.person("et maintenant ?")
    code = await scene.code(topic)
    one = (await scene.world.store.cases(states=("claimed",), teams=None))[0]
    named = next(each for each in await scene.world.staff.list() if each.name == one.claimant)
    done = await scene.world.act(scene.world.desk.transfer(code, named, "t1", team=team, agreed=agreed, note="à suivre"))
    assert done == "done"
    await scene.world.settle()
    return topic, code


def said(scene, chat, topic):
    return "\n".join(sent["text"] for sent in scene.double.sent(chat) if sent.get("message_thread_id") == topic)


@pytest.mark.parametrize("agreed", [True, False])
async def test_a_transfer_moves_the_topic_and_takes_along_what_the_person_agreed_to(scene, agreed):
    topic, code = await moved(scene, agreed=agreed)
    name = scene.world.library.current().texts.say("teams.child-protection:name", "fr")
    away = WORDS.say("topic.moved-away", "fr", team=name)
    new = scene.double.sent(OWN)[-1]["message_thread_id"]

    assert scene.posts(topic)[-1] == away
    assert scene.double.methods.topics[topic] == "closed"
    assert not [one for one in scene.double.of("deleteForumTopic") if one["message_thread_id"] == topic]
    assert ("et maintenant ?" in said(scene, OWN, new)) is agreed
    assert FIRST not in said(scene, OWN, new)  # it was answered
    assert "à suivre" in said(scene, OWN, new)
    assert await scene.world.desk.by_topic(f"{OWN}/{new}") == code
    assert WORDS.say("topic.came", "fr", code=code) in said(scene, OWN, new)

    scene.at = OWN
    before = len(scene.double.sent(7))
    await scene.staff(new, "Je suis là.")
    assert scene.double.sent(7)[-1]["text"] == "Je suis là."
    assert len(scene.double.sent(7)) > before
    await scene.person("merci")
    assert "merci" in said(scene, OWN, new)
    assert "merci" not in said(scene, GROUP, topic)


async def test_an_answer_or_a_press_in_a_group_that_is_not_the_case_s_is_refused_with_a_sentence(scene):
    topic, code = await moved(scene, agreed=True)
    before = len(scene.double.sent(7))
    await scene.staff(topic, "Encore moi")
    assert scene.why() == [refusal("unbound")]

    scene.double.methods.topics[topic] = "open"
    told = await scene.press_data(f"claim.{code}", topic, 5)
    assert told["text"] == WORDS.say("topic.press.other", "fr")
    assert len(scene.double.sent(7)) == before


async def test_a_team_without_a_group_has_no_topic_and_its_case_is_answered_at_the_desk_only(scene):
    topic, code = await moved(scene, team="return-desk", agreed=True)
    before = len(scene.double.sent(7))
    assert await scene.code(topic) == code  # its last topic is known, and no way in any more
    await scene.staff(topic, "Encore moi")
    assert scene.why() == [refusal("elsewhere-now")]
    told = await scene.press_data(f"claim.{code}", topic, 5)
    assert told["text"] == WORDS.say("topic.press.elsewhere-now", "fr")
    assert (await scene.world.store.case(code)).index.claimant is None
    await scene.person("il y a quelqu un")
    assert "il y a quelqu un" not in said(scene, GROUP, topic)
    assert scene.double.sent(OWN) == []
    assert len([one for one in scene.double.sent(7)[before:] if one["text"] == "Encore moi"]) == 0


async def test_one_group_out_of_reach_holds_up_no_other_and_what_waited_for_it_is_not_posted_once_its_case_is_elsewhere(scene):
    topic = await scene.case()
    gone = Fault("sendMessage", 403, "Forbidden: bot was kicked from the supergroup chat", times=1_000, chat=GROUP)
    scene.double.faults.append(gone)
    await scene.person(FIRST)
    assert (await outage(scene.world.store)).reason == "no-group"
    assert await outage(scene.world.store, "child-protection") is None

    code, member = await scene.code(topic), await scene.world.staff.add("chief")
    await scene.world.act(scene.world.desk.claim(code, member, "c1"))
    await scene.world.act(scene.world.desk.transfer(code, member, "t1", team="child-protection", agreed=True))
    await scene.world.settle()
    new = scene.double.sent(OWN)[-1]["message_thread_id"]
    assert FIRST in said(scene, OWN, new)
    assert await outage(scene.world.store, "child-protection") is None

    gone.times = 0
    scene.world.clock.pass_by(60)
    await scene.world.settle()
    assert FIRST not in said(scene, GROUP, topic)
    assert await scene.world.desk.by_topic(f"{OWN}/{new}") == code


async def test_a_group_of_a_team_becomes_a_supergroup_and_loses_the_bot_by_itself(scene):
    await moved(scene, agreed=True)
    scene.at = OWN
    await scene.deliver(scene.double.standing(OWN, "left"))
    assert (await outage(scene.world.store, "child-protection")).reason == "no-group"
    assert await outage(scene.world.store) is None
    await scene.deliver(scene.double.standing(OWN, "administrator", can_manage_topics=True))
    assert await outage(scene.world.store, "child-protection") is None

    first, second = scene.door._caseworkers
    await second._group.moves.remember(-2007)
    assert (first.group, second.group) == (GROUP, -2007)


async def test_the_topic_that_was_left_goes_with_an_erasure_as_well(scene):
    topic, code = await moved(scene, agreed=True)
    new = scene.double.sent(OWN)[-1]["message_thread_id"]
    await scene.person("/erase")
    await scene.person("[yes]")
    assert (await scene.world.store.case(code)).index.state == "erased"
    assert new in [one["message_thread_id"] for one in scene.double.of("deleteForumTopic")]
    assert topic in [one["message_thread_id"] for one in scene.double.of("deleteForumTopic")]


def test_groups_are_read_from_one_setting_and_an_installation_with_one_goes_on_as_before():
    def groups(written):
        return read({"TELEGRAM_TOKEN": "1:a", "TELEGRAM_DESK_GROUP": written}).desk_groups

    assert groups("-1001") == {"": -1001}
    assert groups("") == {}
    two = Groups(groups("-1001 child-protection=-1007, young=-1007 other=-1001 return-desk=none"))
    assert [(one.channel, one.lane, one.teams) for one in two.all] == [
        ("desk", "group", ()),
        ("desk:child-protection", "group:child-protection", ("child-protection", "young")),
    ]
    assert [two.of(team).number if two.of(team) else None for team in ("protection", "young", "other", "return-desk")] == [
        -1001,
        -1007,
        -1001,
        None,
    ]
    for wrong in ("here", "a=", "=-1", "a=b", "-1 -2", "a=-1 a=-2"):
        with pytest.raises(Exception, match="TELEGRAM_DESK_GROUP"):
            groups(wrong)
