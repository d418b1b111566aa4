"""The door: links that work once, passwords, sessions that end, and delays for who guesses."""

import asyncio

import pytest

from bot.conversation.staffing.door import DOORS, IDLE, IN_LINE, LINKS, TOUCH, WHOLE
from bot.conversation.staffing.staff import PASSWORDS, LastOperator, hashed
from bot.conversation.staffing.tries import FREE, LONGEST, TRIES, block_of
from tests.fakes import CheapPasswords
from tests.world import build_world

PHRASE, OTHER = "quatre chats gris", "trois ânes bleus"


@pytest.fixture
async def world():
    return await build_world()


async def invited(world, id_="amina", **fields):
    member = await world.staff.add(id_, **fields)
    entrance = await world.door.redeem(await world.door.link(member, "invite"), password=PHRASE, device="Firefox, Android")
    assert entrance.secret
    return entrance


async def tries(world, password, *, id_="amina", address="10.0.0.7", browser=""):
    return await world.door.enter(id_, password, address=address, browser=browser)


# ── links ──
async def test_an_invitation_sets_a_password_and_lets_in_once(world):
    member = await world.staff.add("amina")
    token = await world.door.link(member, "invite")
    refused = await world.door.redeem(token, password="court")
    first, second = await world.door.redeem(token, password=PHRASE), await world.door.redeem(token, password=PHRASE)

    assert (refused.why, bool(first.secret), second.why) == ("short", True, "link")
    assert (await world.door.who(first.secret)).member.id == "amina"
    assert (await tries(world, PHRASE)).secret


async def test_a_link_used_twice_at_once_lets_in_once(world):
    member = await world.staff.add("amina")
    token = await world.door.link(member, "enter")
    came = await asyncio.gather(*(world.door.redeem(token) for _ in range(5)))

    assert sum(bool(one.secret) for one in came) == 1


@pytest.mark.parametrize(("kind", "lasts"), [("enter", 3600), ("reset", 3600), ("invite", 3 * 86400)])
async def test_a_link_ends_by_itself(world, kind, lasts):
    member = await world.staff.add("amina")
    token = await world.door.link(member, kind)
    world.clock.pass_by(lasts - 1)
    assert await world.door.followed(token) == (member, kind)
    world.clock.pass_by(2)
    assert await world.door.followed(token) is None


async def test_a_new_link_is_the_only_one(world):
    member = await world.staff.add("amina")
    old = await world.door.link(member, "invite")
    await world.door.link(member, "invite")

    assert await world.door.followed(old) is None


async def test_ending_all_ends_the_links_too_and_an_account_of_the_same_name_inherits_nothing(world):
    inside = await invited(world)
    member = await world.staff.member("amina")
    token = await world.door.link(member, "enter")
    await world.staff.remove("amina")
    await world.staff.add("amina")

    assert await world.door.who(inside.secret) is None
    assert await world.door.followed(token) is None
    assert (await tries(world, PHRASE)).why == "wrong"


async def test_links_and_sessions_of_the_first_version_still_open(world):
    await world.staff.change(await world.staff.add("amina"), epoch="")
    for space, secret in ((LINKS, "link"), (DOORS, "session")):
        key = hashed(secret)
        await world.store.put_note(space, key, world.vault.seal_note(space, key, b"amina"), expires=world.clock.now() + 3600)

    assert (await world.door.who("session")).member.id == "amina"
    assert (await world.door.redeem("link")).secret


# ── passwords ──
async def test_a_wrong_password_and_an_unknown_account_are_answered_alike(world):
    await invited(world)
    await world.staff.add("linked-only")

    said = [await tries(world, "mauvaise phrase", id_=id_) for id_ in ("amina", "nobody", "linked-only")]
    assert said == [said[0]] * 3
    assert said[0].why == "wrong"


async def test_every_try_costs_one_look_whether_there_is_an_account_or_not(world):
    await invited(world)
    looked = []

    class Watching(CheapPasswords):
        def fits(self, kept, password):
            looked.append(kept.startswith("$argon2id$"))
            return super().fits(kept, password)

    world.door._passwords = Watching()
    for id_ in ("amina", "nobody"):
        await tries(world, "mauvaise phrase", id_=id_)

    assert looked == [True, True]


async def test_a_phone_may_begin_the_account_with_a_capital(world):
    await invited(world)

    assert (await tries(world, PHRASE, id_=" Amina ")).secret


async def test_only_a_hash_is_kept_and_it_is_sealed(world):
    await invited(world)
    note = await world.store.note(PASSWORDS, "amina")

    assert b"argon2" not in note.value
    assert PHRASE.encode() not in world.vault.open_note(PASSWORDS, "amina", note.value)


async def test_a_changed_password_ends_every_other_session(world):
    here, there = await invited(world), await tries_after_invite(world)
    visit = await world.door.who(here.secret)

    assert (await world.door.change_password(visit, "mauvaise", OTHER)).why == "wrong"
    assert (await world.door.change_password(visit, PHRASE, "court")).why == "short"
    assert await world.door.who(there.secret)
    assert (await world.door.change_password(visit, PHRASE, OTHER)).why == ""
    assert await world.door.who(here.secret)
    assert await world.door.who(there.secret) is None
    assert ((await tries(world, PHRASE)).why, bool((await tries(world, OTHER)).secret)) == ("wrong", True)


async def tries_after_invite(world):
    entrance = await tries(world, PHRASE)
    assert entrance.secret
    return entrance


async def test_hashing_does_not_pile_up(world):
    await invited(world)
    many = await asyncio.gather(*(tries(world, PHRASE, browser="", id_="amina", address=f"10.0.{n}.1") for n in range(3 * IN_LINE)))

    assert all(one.secret or one.why in ("busy", "late") for one in many)


# ── delays ──
async def test_failures_are_delayed_more_and_more_and_never_for_long(world):
    await invited(world)
    waits = []
    for _ in range(14):
        while (said := await tries(world, "mauvaise phrase")).why == "late":
            waits.append(said.wait)
            world.clock.pass_by(said.wait)

    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) == LONGEST


async def test_what_comes_during_a_delay_does_not_make_it_longer(world):
    await invited(world)
    for _ in range(FREE["account"] + 3):
        said = await tries(world, "mauvaise phrase")
        world.clock.pass_by(said.wait)
    await tries(world, "mauvaise phrase")
    first = (await tries(world, PHRASE)).wait
    for _ in range(20):
        await tries(world, "mauvaise phrase")

    assert (await tries(world, PHRASE)).wait == first
    world.clock.pass_by(first)
    assert (await tries(world, PHRASE)).secret


async def test_the_right_password_ends_the_delays(world):
    await invited(world)
    for _ in range(FREE["account"]):
        await tries(world, "mauvaise phrase")
    world.clock.pass_by(1)
    assert (await tries(world, PHRASE)).secret
    assert (await tries(world, "mauvaise phrase")).why == "wrong"


async def test_who_was_in_before_is_not_shut_out_by_guesses_made_elsewhere(world):
    mine = await invited(world)
    for _ in range(40):
        await tries(world, "mauvaise phrase")
        await tries(world, "mauvaise phrase", id_="karim")

    assert (await tries(world, PHRASE)).why == "late"
    assert (await tries(world, PHRASE, browser=mine.browser)).secret
    assert (await tries(world, PHRASE, id_="karim", browser=mine.browser)).why == "late"  # its own account only


async def test_a_link_lets_in_during_any_delay(world):
    await invited(world)
    for _ in range(40):
        await tries(world, "mauvaise phrase")

    member = await world.staff.member("amina")
    assert (await world.door.redeem(await world.door.link(member, "reset"), password=OTHER)).secret


async def test_guessing_at_many_accounts_from_one_place_is_delayed_too(world):
    said = [await tries(world, PHRASE, id_=f"nobody{n}", address=f"10.0.0.{n}") for n in range(FREE["address"] + 1)]

    assert [one.why for one in said[:-1]] == ["wrong"] * FREE["address"]
    assert said[-1].why == "late"
    assert (await tries(world, PHRASE, id_="other", address="10.0.1.1")).why == "wrong"


async def test_guesses_made_at_once_are_no_more_than_one_after_the_other(world):
    await invited(world)
    said = await asyncio.gather(*(tries(world, "mauvaise phrase", address=f"10.{n}.0.1") for n in range(30)))

    assert sum(one.why == "wrong" for one in said) <= FREE["account"]


async def test_delays_outlive_a_restart_and_name_nobody(world):
    for _ in range(FREE["account"]):
        await tries(world, PHRASE)
    elsewhere = await build_world(store=world.store, clock=world.clock)

    assert (await tries(elsewhere, PHRASE)).why == "late"
    for note in await world.store.notes(TRIES):
        assert "amina" not in note.key
        assert "10.0.0" not in note.key


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("10.0.0.1", "10.0.0.9", True), ("10.0.0.1", "10.0.1.1", False), ("2001:db8:1::1", "2001:db8:1:9::2", True),
     ("2001:db8:1::1", "2001:db8:2::1", False), ("unknown", "unknown", True)],
)  # fmt: skip
def test_a_block_is_what_one_customer_has(one, other, same):
    assert (block_of(one) == block_of(other)) is same


# ── sessions ──
async def test_a_session_ends_when_it_is_not_used_and_in_any_case_after_a_week(world):
    idle, used = await invited(world), await tries_after_invite(world)
    for _ in range(int(IDLE // 3600) - 1):
        world.clock.pass_by(3600)
        assert await world.door.who(used.secret)
    world.clock.pass_by(3601)
    assert await world.door.who(used.secret)
    assert await world.door.who(idle.secret) is None

    while world.clock.now() < (await world.door.who(used.secret)).session.began + WHOLE - 3600:
        world.clock.pass_by(3600)
    world.clock.pass_by(3601)
    assert await world.door.who(used.secret) is None


async def test_a_page_that_looks_by_itself_does_not_keep_a_session_alive(world):
    inside = await invited(world)
    for _ in range(int(IDLE // 3600)):
        world.clock.pass_by(3600)
        await world.door.who(inside.secret, touch=False)

    assert await world.door.who(inside.secret) is None


async def test_a_session_ended_while_it_is_used_does_not_come_back(world):
    inside = await invited(world)
    world.clock.pass_by(TOUCH)
    put = world.store.put_note

    async def ended_first(space, key, value, **more):
        if space == DOORS and value is not None:
            await put(space, key, None)
        return await put(space, key, value, **more)

    world.store.put_note = ended_first
    await world.door.who(inside.secret)
    world.store.put_note = put

    assert await world.door.who(inside.secret) is None


async def test_one_session_or_all_others_can_be_ended(world):
    one, two, three = await invited(world), await tries_after_invite(world), await tries_after_invite(world)
    member = await world.staff.member("amina")
    visits = {secret: await world.door.who(secret) for secret in (one.secret, two.secret, three.secret)}
    await world.door.end(member, visits[two.secret].id)

    assert await world.door.who(two.secret) is None
    assert len(await world.door.sessions(member)) == 2
    await world.door.end_others(visits[one.secret])
    assert await world.door.who(one.secret)
    assert await world.door.who(three.secret) is None


async def test_nobody_ends_a_session_of_somebody_else_by_its_name(world):
    theirs = await invited(world, "karim")
    mine = await invited(world)
    await world.door.end((await world.door.who(mine.secret)).member, (await world.door.who(theirs.secret)).id)

    assert await world.door.who(theirs.secret)


async def test_a_role_taken_away_is_gone_with_the_next_request(world):
    inside = await invited(world, roles=("caseworker", "supervisor"))
    await world.staff.change(await world.staff.member("amina"), roles=("caseworker",))

    assert (await world.door.who(inside.secret)).member.roles == ("caseworker",)


async def test_a_setting_saved_from_an_old_page_gives_no_right_back(world):
    stale = await world.staff.add("amina", roles=("caseworker", "supervisor"))
    await world.staff.change(stale, roles=("caseworker",))
    await world.staff.change(stale, sound=True)

    assert (await world.staff.member("amina")).roles == ("caseworker",)


async def test_the_last_operator_stays(world):
    first = await world.staff.add("first", roles=("operator",))
    with pytest.raises(LastOperator):
        await world.staff.remove("first")
    with pytest.raises(LastOperator):
        await world.staff.change(first, roles=("caseworker",))
    await world.staff.add("second", roles=("operator",))
    await world.staff.remove("first")

    assert [one.id for one in await world.staff.list()] == ["second"]
