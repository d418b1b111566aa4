"""The group takes twenty messages a minute: whatever happens, all of it arrives, little by little, danger first, each case in order."""

import re

import pytest

from bot.conversation.pacing.traffic import GROUP, traffic_of
from bot.ports import Pace, SendFailed
from tests.conversation.test_service import to_case
from tests.world import build_world

CASES, WORDS = 10, 100
MINUTE = 60.0


class Died(BaseException):
    """The end of a process, which nothing of ours catches."""


class Slow:
    """A service whose group has Telegram's pace; time passes by hand. `sent`: (seconds, place, message) of each call."""

    def __init__(self, world):
        self.world = world
        world.group.pace = Pace(most=20, seconds=MINUTE)
        self.sender = world.sender
        self.sender._traffic = traffic_of(self.sender._channels, world.clock.steady())
        self.sent = []

    async def settle(self):
        """Work, and send what may go now."""
        await self.world.worker.idle()
        while due := await self.sender._due():
            for one in due:
                before = len(self.world.group.sent)
                await self.sender._flown(one)
                self.sent += [(self.world.clock.steady(), *call) for call in self.world.group.sent[before:]]
            await self.world.worker.idle()

    async def pass_by(self, seconds):
        for _ in range(int(seconds * 2)):
            self.world.clock.pass_by(0.5)
            await self.settle()

    def most_in_a_minute(self):
        times = [at for at, _, _ in self.sent]
        return max(sum(first <= at < first + MINUTE for at in times) for first in times)


@pytest.fixture
async def slow(monkeypatch):
    world = await build_world()
    slow = Slow(world)
    monkeypatch.setattr(type(world), "settle", lambda _self: slow.settle())
    return slow


def said(text):
    return re.findall(r"mot (\d+)", text)


async def test_a_hundred_words_in_a_minute_over_ten_cases_all_arrive_joined_in_order_and_within_the_group_s_pace(slow):
    world = slow.world
    codes = [await to_case(world, str(100 + n)) for n in range(CASES)]
    await slow.pass_by(MINUTE * 2)
    slow.sent.clear()
    for n in range(WORDS):
        await world.say(f"mot {n}", str(100 + n % CASES))
        await slow.pass_by(0.5)
    await slow.pass_by(MINUTE)

    told = {code: [] for code in codes}
    for _, _, message in slow.sent:
        if message.kind == "post":
            told[message.case] += said(message.text) + said(message.spoiler)
    assert all(words == [str(n) for n in range(place, WORDS, CASES)] for place, words in enumerate(told.values()))
    assert len(slow.sent) <= 35
    assert slow.most_in_a_minute() <= 20
    assert (await world.store.counts()).outbox == 0


async def test_what_is_of_a_case_in_danger_goes_before_all_that_waits_even_if_it_became_so_last(slow):
    world = slow.world
    codes = [await to_case(world, str(100 + n)) for n in range(20)]
    last = codes[-1]
    await slow.pass_by(5.0)
    assert last not in [message.case for _, _, message in slow.sent]
    amina = await world.member()
    await world.act(world.desk.claim(last, amina, "a1"))
    await world.say("on va me tuer", "119")
    slow.sent.clear()
    await slow.pass_by(MINUTE + 5.0)

    assert [message.case for _, _, message in slow.sent][:2] == [last, last]


async def test_titles_that_changed_while_the_group_was_slow_are_set_once(slow):
    world = slow.world
    code = await to_case(world, "7")
    amina, karim = await world.member(), await world.member("karim")
    slow.sender._traffic.quiet("group", 30.0, world.clock.steady())
    await world.act(world.desk.claim(code, amina, "a1"))
    await world.act(world.desk.transfer(code, amina, "a2", to=karim.name))
    await world.say("on va me tuer")
    slow.sent.clear()
    await slow.pass_by(40.0)

    titles = [message.text for _, _, message in slow.sent if message.kind == "title"]
    assert titles == [f"‼ {code} · danger · {karim.name}"]
    posts = [message for _, _, message in slow.sent if message.kind == "post"]
    assert len(posts) == 1
    assert f"{amina.name} has this case." not in posts[0].text


async def test_a_crash_between_sending_and_recording_repeats_one_message_and_loses_none(slow, monkeypatch):
    world = slow.world
    code = await to_case(world, "7")
    slow.sender._traffic.quiet("group", 30.0, world.clock.steady())
    for n in range(5):
        await world.say(f"mot {n}")
    real = world.store.settle

    async def dies(results):
        raise Died

    monkeypatch.setattr(world.store, "settle", dies)
    with pytest.raises(Died):
        await slow.pass_by(40.0)
    monkeypatch.setattr(world.store, "settle", real)
    world.store.in_flight.clear()  # as a new process finds it
    slow.sender._traffic = traffic_of(slow.sender._channels, world.clock.steady())
    await slow.pass_by(5.0)

    posts = [message for _, message in world.group.sent if message.case == code and said(message.text)]
    assert [said(message.text) for message in posts] == [["0", "1", "2", "3", "4"]] * 2
    assert (await world.store.counts()).outbox == 0


async def test_a_message_that_is_refused_takes_nothing_that_waited_behind_it_along(slow):
    world = slow.world
    await to_case(world, "7")
    slow.sender._traffic.quiet("group", 5.0, world.clock.steady())
    for n in range(3):
        await world.say(f"mot {n}")
    world.group.failing += [SendFailed("refused")]
    await slow.pass_by(10.0)

    got = [word for _, message in world.group.sent for word in said(message.text) + said(message.spoiler)]
    assert got == ["1", "2"]
    assert world.store.outbox == [] or world.store.outbox[0].row.lane != GROUP
