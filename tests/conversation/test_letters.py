"""Letters to staff: folded, tried again, given up; and never an address where others can read it."""

import asyncio
from itertools import pairwise

import pytest

from bot.conversation.alerting.letters import FOLD, LETTERS, LONGEST_TRYING, MAIL_KEY, Letters, mail_outage
from bot.conversation.group.wording import WORDING
from bot.conversation.keeping.vault import Vault
from bot.conversation.staffing.staff import StaffBook
from bot.i18n.staff import StaffTexts
from bot.ports import Pace, SendFailed
from tests.fakes import Counted, FakeClock, MemoryStore
from tests.world import FakeChannel, FakeKeys


class Told:
    def __init__(self):
        self.letters, self.mails = [], []

    def letter(self, result):
        self.letters.append(result)

    def mail(self, why):
        self.mails.append(why)


class Post:
    """The letters of a service with a stand-in for the server."""

    def __init__(self, pace=None):
        self.clock, chance = FakeClock(), Counted()
        self.store = MemoryStore(self.clock)
        self.vault = Vault(FakeKeys(), now=self.clock.now, entropy=chance.bytes)
        self.staff = StaffBook(store=self.store, vault=self.vault, clock=self.clock, chance=chance)
        self.channel = FakeChannel("mail", pace or Pace())
        self.told, self.chance = Told(), chance
        self.letters = self.again()

    def again(self, mail=True):
        """The same letters after a restart."""
        return Letters(
            store=self.store, vault=self.vault, staff=self.staff, clock=self.clock, chance=self.chance, words=StaffTexts.of(WORDING, {}),
            desk="https://desk.example.org/desk", told=self.told, mail=self.channel if mail else None,
        )  # fmt: skip

    async def member(self, id_="amina", **more):
        return await self.staff.add(id_, **{"mail": f"{id_}@example.org", "language": "en", **more})

    def to(self):
        return [route for route, _ in self.channel.sent]


@pytest.fixture
def post():
    return Post()


async def test_a_letter_says_that_a_case_waits_and_where_the_desk_is(post):
    assert await post.letters.order([await post.member()], "waits") == 1
    assert await post.letters.send() == 1

    [(to, letter)] = post.channel.sent
    assert to == "amina@example.org"
    assert letter.kind == "letter"
    assert letter.text.splitlines() == [
        "A case waits", "", "A case waits for an answer.", "https://desk.example.org/desk", "", "A machine wrote this. Nobody reads what you answer here.",
    ]  # fmt: skip
    assert await post.letters.waiting() == 0
    assert post.told.letters == ["sent"]


async def test_what_is_kept_holds_no_address(post):
    await post.letters.order([await post.member()], "waits")

    [note] = await post.store.notes(LETTERS)
    assert note.key == "amina"
    assert b"example" not in note.value
    assert b"example" not in post.vault.open_note(LETTERS, note.key, note.value)


async def test_the_address_of_the_moment_is_used(post):
    member = await post.member()
    await post.letters.order([member], "waits")
    await post.staff.change(member, mail="new@example.org")
    await post.letters.send()

    assert post.to() == ["new@example.org"]


async def test_a_second_letter_of_a_kind_waits_five_minutes_and_holds_all_that_came_between(post):
    member = await post.member()
    await post.letters.order([member], "waits")
    await post.letters.send()
    for _ in range(3):
        post.clock.pass_by(60)
        await post.letters.order([member], "waits")
        await post.letters.send()
    assert len(post.channel.sent) == 1

    post.clock.pass_by(FOLD - 180)
    assert await post.letters.send() == 1
    assert await post.letters.send() == 0


async def test_danger_passes_after_a_minute(post):
    member = await post.member()
    await post.letters.order([member], "waits")
    await post.letters.send()
    post.clock.pass_by(30)
    await post.letters.order([member], "waits")
    await post.letters.order([member], "waits", danger=True)
    assert await post.letters.send() == 0

    post.clock.pass_by(30)
    assert await post.letters.send() == 1


async def test_another_matter_is_another_letter(post):
    member = await post.member()
    await post.letters.order([member], "waits")
    await post.letters.order([member], "yours")

    assert await post.letters.send() == 2


async def test_members_without_address_who_want_none_or_are_away_are_not_written_to(post):
    now = post.clock.now()
    silent = [await post.member("a", mail=""), await post.member("b", mailed=False)]
    assert await post.letters.order(silent, "waits") == 0

    for id_, change in (("c", {"away_until": now + 60}), ("d", {"mailed": False}), ("e", {"mail": ""})):
        member = await post.member(id_)
        await post.letters.order([member], "waits")
        await post.staff.change(member, **change)
    gone = await post.member("f")
    await post.letters.order([gone], "waits")
    await post.staff.remove("f")

    assert await post.letters.send() == 0
    assert (post.channel.sent, await post.letters.waiting()) == ([], 0)


async def test_what_is_not_needed_any_more_is_not_sent(post):
    await post.letters.order([await post.member()], "waits")

    assert await post.letters.send({"amina": frozenset({"waits"})}) == 0
    assert await post.letters.waiting() == 0


async def test_a_letter_that_fails_is_tried_again_with_the_same_name_and_growing_pauses(post):
    post.channel.failing = [SendFailed("network")] * 4
    await post.letters.order([await post.member()], "waits")
    tries = []
    while not post.channel.sent:
        left = len(post.channel.failing)
        await post.letters.send()
        if len(post.channel.failing) < left:
            tries.append(post.clock.now())
        post.clock.pass_by(5)

    gaps = [round(later - earlier) for earlier, later in pairwise(tries)]
    assert gaps == sorted(gaps)
    assert gaps[0] < gaps[-1] <= 300
    assert post.told.letters == [*["network"] * 4, "sent"]


async def test_a_letter_is_given_up_after_a_day_and_the_next_one_is_tried(post):
    post.channel.failing = [SendFailed("network")] * 10_000
    member = await post.member()
    await post.letters.order([member], "waits")
    began = post.clock.now()
    while await post.letters.waiting():
        post.clock.pass_by(300)
        await post.letters.send()

    assert LONGEST_TRYING < post.clock.now() - began < LONGEST_TRYING + 3600
    assert post.told.letters[-1] == "given-up"
    post.channel.failing = []
    post.clock.pass_by(600)
    await post.letters.order([member], "waits")
    assert await post.letters.send() == 1


async def test_an_address_that_is_refused_is_given_up_at_once_and_hinders_nobody(post):
    post.channel.failing = [SendFailed("person-left")]
    await post.letters.order([await post.member("a"), await post.member("b")], "waits")

    assert await post.letters.send() == 1
    assert post.told.letters == ["person-left", "given-up", "sent"]
    assert await mail_outage(post.store) is None


async def test_a_server_out_of_reach_is_left_alone_and_said_once_until_it_works(post):
    post.channel.failing = [SendFailed("network")] * 3
    await post.letters.order([await post.member("a"), await post.member("b")], "waits")
    await post.letters.send()
    await post.letters.send()
    assert len(post.channel.failing) == 2  # one try, and then a rest

    found = await mail_outage(post.store)
    assert (found.reason, found.since) == ("network", round(post.clock.now()))
    while await post.letters.waiting():
        post.clock.pass_by(60)
        await post.letters.send()
    assert await mail_outage(post.store) is None
    assert post.told.mails == ["network", ""]


async def test_a_restart_sends_what_waits_and_nothing_twice(post):
    await post.letters.order([await post.member("a"), await post.member("b")], "waits")
    post.channel.failing = [SendFailed("network")]
    await post.letters.send()
    later = post.again()
    post.clock.pass_by(3600)
    await later.send()
    await post.again().send()

    assert sorted(post.to()) == ["a@example.org", "b@example.org"]
    assert await post.store.note("standing", MAIL_KEY) is None


async def test_no_more_is_given_than_the_pace_allows():
    post = Post(Pace(most=3, seconds=60.0))
    await post.letters.order([await post.member(f"m{n}") for n in range(5)], "waits")

    assert await post.letters.send() == 3
    assert await post.letters.send() == 0
    post.clock.pass_by(61)
    assert await post.letters.send() == 2


async def test_without_a_server_nothing_is_kept(post):
    off = post.again(mail=False)

    assert await off.order([await post.member()], "waits") == 0
    assert await off.send() == 0
    assert await off.waiting() == 0


async def test_what_one_member_was_written_is_forgotten_by_itself(post):
    await post.letters.order([await post.member()], "waits")
    await post.letters.send()
    post.clock.pass_by(FOLD + 1)

    assert await post.store.notes(LETTERS) == []


async def test_a_damaged_row_hinders_nobody_and_is_written_over(post):
    hurt, well = await post.member("a"), await post.member("b")
    await post.letters.order([hurt, well], "waits")
    await post.store.put_note(LETTERS, "a", b"damaged")

    assert await post.letters.send() == 1
    await post.letters.order([hurt], "waits")
    assert await post.letters.send() == 1
    assert post.to() == ["b@example.org", "a@example.org"]


async def test_what_is_ordered_while_a_letter_is_given_is_in_that_letter(post, monkeypatch):
    member = await post.member()
    await post.letters.order([member], "waits")
    real = post.channel.send

    async def slow(route, message):
        if not post.channel.sent:
            await post.letters.order([member], "waits", danger=True)
            await post.letters.order([member], "yours")
        return await real(route, message)

    monkeypatch.setattr(post.channel, "send", slow)
    assert await post.letters.send() == 1
    assert await post.letters.send() == 1
    monkeypatch.undo()
    post.clock.pass_by(FOLD + 1)

    assert await post.letters.send() == 0
    assert [letter.text.splitlines()[0] for _, letter in post.channel.sent] == ["A case waits", "A case waits for you"]


async def test_a_server_that_takes_longer_than_anybody_waits_is_left(post, monkeypatch):
    async def forever(_route, _message):
        await asyncio.sleep(60)

    monkeypatch.setattr("bot.conversation.alerting.letters.LONGEST_SEND", 0.01)
    monkeypatch.setattr(post.channel, "send", forever)
    await post.letters.order([await post.member()], "waits")

    assert await post.letters.send() == 0
    assert (post.told.letters, await post.letters.waiting()) == (["network"], 1)


async def test_a_bug_of_the_channel_costs_one_try(post, monkeypatch):
    async def broken(_route, _message):
        raise ZeroDivisionError

    await post.letters.order([await post.member()], "waits")
    monkeypatch.setattr(post.channel, "send", broken)
    assert await post.letters.send() == 0
    monkeypatch.undo()
    post.clock.pass_by(60)

    assert await post.letters.send() == 1
    assert post.told.letters == ["server", "sent"]


async def test_who_has_lost_the_hold_sends_no_further_letter(post):
    await post.letters.order([await post.member("a"), await post.member("b")], "waits")

    assert await post.letters.send({}, lambda: not post.channel.sent) == 1
    assert await post.letters.waiting() == 1
