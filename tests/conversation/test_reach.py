"""F17: whoever cannot be reached any more, person or group, ends in a state that staff see, within a minute; no case is lost."""

import os

import pytest

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.group import DeskGroup
from bot.channels.telegram.moves import Moves, moved_to
from bot.channels.telegram.transport import BotApi, FastRequest
from bot.conversation.group.groupstate import outage
from bot.conversation.group.wording import WORDING
from tests.botapi import TOKEN, Fault, serving
from tests.botapi.methods import BLOCKED, DEACTIVATED, DELETED, KICKED, NO_MEMBER, NO_RIGHTS, NOT_FOUND, migrated
from tests.world import build_world

GROUP, ELSEWHERE = -1001, -2002
TIMES = 50 if os.environ.get("AMANA_SOAK") == "1" else 3
"""Persons that each end is met by."""
CASE = ("worry", "DZ", "yes", "skip")


class Scene:
    """A service in memory whose channels speak to the double of the Bot API."""

    def __init__(self, world, double, api):
        self.world, self.double, self.api = world, double, api
        self.restart()

    def restart(self):
        """Channels as a new process has them."""
        group = DeskGroup(self.api, Moves(store=self.world.store, written=GROUP))
        self.world.sender._channels = {"telegram": TelegramChannel(self.api), "desk": group}

    async def case(self, who):
        """Ask for a person, pressing what was sent."""
        world = self.world
        await world.start("fr", who)
        for key in ("fr", "yes"):
            await self.press(key, who)
        await world.word("human", who)
        for key in CASE:
            await self.press(key, who)
        person = world.vault.person("telegram", who)
        return next(code for code, kept in world.store.cases_.items() if kept.record.person == person)

    async def press(self, key, who):
        buttons = [
            button["callback_data"]
            for sent in self.double.sent(who)
            for row in (sent.get("reply_markup") or {}).get("inline_keyboard", [])
            for button in row
        ]
        found = [data for data in buttons if data.rpartition(".")[2] == key][-1]
        await self.double_press(found, who)

    async def double_press(self, data, who):
        from bot.engine.events import Pressed

        life, turn, key = data.split(".", 2)
        await self.world.do(Pressed(at=self.world.clock.now(), life=life, turn=int(turn), key=key), who)

    async def pass_by(self, seconds):
        """Let time pass, five seconds at once, everything being worked."""
        for _ in range(int(seconds // 5)):
            self.world.clock.pass_by(5.0)
            self.double.move(5.0)
            await self.world.settle()

    def topics(self, chat=GROUP):
        return self.double.sent(chat, "createForumTopic")


@pytest.fixture
async def scene():
    async with serving() as double:
        world = await build_world()
        api = BotApi(token=TOKEN, url=double.url, request=FastRequest(seconds=3.0))
        yield Scene(world, double, api)
        await api.close()


@pytest.mark.parametrize("refusal", [BLOCKED, DEACTIVATED], ids=["blocked", "deactivated"])
async def test_a_person_out_of_reach_is_marked_on_their_case_within_a_minute(scene, refusal):
    amina = await scene.world.member()
    for n in range(TIMES):
        who = str(700 + n)
        code = await scene.case(who)
        scene.double.methods.closed[int(who)] = refusal
        await scene.world.act(scene.world.desk.answer(code, amina, "Bonjour", f"a{n}"))
        await scene.pass_by(55)
        page = await scene.world.desk.open(code, amina)

        assert (page.left, page.index.unwritten, page.index.state) == (True, True, "claimed")
        assert scene.double.sent(GROUP)[-1]["text"].endswith(WORDING["topic.left"])
        assert (await scene.world.store.counts()).outbox == 0


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [(KICKED, "no-group"), (DELETED, "no-group"), (NO_MEMBER, "no-group"), (NOT_FOUND, "no-group"), (NO_RIGHTS, "no-rights")],
    ids=["kicked", "deleted", "no member", "not found", "no rights"],
)
async def test_a_group_out_of_reach_is_told_within_a_minute_and_what_was_to_be_posted_comes_when_it_is_back(scene, refusal, reason):
    amina = await scene.world.member()
    for n in range(TIMES):
        scene.double.methods.closed[GROUP] = refusal
        code = await scene.case(str(700 + n))
        await scene.pass_by(55)

        assert (await outage(scene.world.store)).reason == reason
        assert scene.world.told.groups[-1] == reason
        assert code in [index.code for index in await scene.world.desk.queue(amina)]
        posted = len(scene.topics())

        del scene.double.methods.closed[GROUP]
        await scene.pass_by(55)
        assert await outage(scene.world.store) is None
        assert scene.world.told.groups[-1] == ""
        assert len(scene.topics()) == posted + 1
    assert scene.world.told.groups == [reason, ""] * TIMES


async def test_a_group_that_moved_is_followed_within_a_minute_and_after_a_restart(scene):
    for n in range(TIMES):
        scene.double.methods.closed[GROUP] = migrated(ELSEWHERE - n)
        if n:
            scene.double.methods.closed[ELSEWHERE - n + 1] = migrated(ELSEWHERE - n)
        scene.restart()
        await scene.case(str(700 + n))
        await scene.pass_by(55)

        assert len(scene.topics(ELSEWHERE - n)) == 1
        assert await moved_to(scene.world.store, GROUP) == ELSEWHERE - n


async def test_a_topic_that_somebody_closed_is_opened_again_for_the_next_post(scene):
    amina = await scene.world.member()
    scene.double.methods.shut_out = True
    for n in range(TIMES):
        code = await scene.case(str(700 + n))
        made = len(scene.topics())
        scene.double.methods.topics.update(dict.fromkeys(scene.double.methods.topics, "closed"))
        await scene.world.act(scene.world.desk.claim(code, amina, f"a{n}"))
        await scene.pass_by(55)

        assert len(scene.topics()) == made
        assert (await scene.world.store.counts()).outbox == 0


async def test_a_topic_that_is_gone_is_made_anew_with_the_next_post(scene):
    amina = await scene.world.member()
    for n in range(TIMES):
        who = str(700 + n)
        code = await scene.case(who)
        made = len(scene.topics())
        scene.double.methods.topics.update(dict.fromkeys(scene.double.methods.topics, "deleted"))
        await scene.world.act(scene.world.desk.claim(code, amina, f"a{n}"))
        await scene.pass_by(55)

        assert len(scene.topics()) == made + 1
        assert (await scene.world.store.counts()).outbox == 0


async def test_a_refused_group_is_left_alone_by_all_cases_for_as_long_as_it_said(scene):
    scene.double.faults.append(Fault("createForumTopic", 429, "Too Many Requests: retry after 20", {"retry_after": 20}))
    await scene.case("700")
    assert next(scene.world.sender._traffic.asks(scene.world.clock.steady(), 64))[1]["group"] == 0

    await scene.pass_by(20)
    assert next(scene.world.sender._traffic.asks(scene.world.clock.steady(), 64))[1]["group"] == 1
    assert len(scene.topics()) == 1
    assert scene.double.impatient == []
