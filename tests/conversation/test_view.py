"""The queue in memory: current by bells and without them, in the order that matters, and holding nothing of who was erased."""

import asyncio
from collections.abc import Sequence
from itertools import count

import pytest
from msgspec import structs

from bot.conversation.cases.view import LOOK, QueueView, Seen
from bot.conversation.keeping.vault import Vault
from bot.conversation.running.bells import Changes
from bot.conversation.staffing.staff import StaffMember
from bot.ports import CaseIndex, StoreUnavailable
from tests.conversation.test_service import to_case
from tests.fakes import Counted, FakeClock
from tests.world import Counting, FakeKeys, World, build_world, compiled, real_bundle

ALL = StaffMember("s1", "Arganier")
MONDAY = 1_795_413_600.0  # 2026-11-23, 07:00 in Algiers: before work begins
_numbers = count(1)


@pytest.fixture
async def world() -> World:
    return await build_world()


class Shelf:
    """A store of plain indexes."""

    def __init__(self, *indexes: CaseIndex) -> None:
        self.held = {index.code: index for index in indexes}

    async def cases(self, *, states: Sequence[str], teams: object, since: float = 0.0, limit: int = 200) -> Sequence[CaseIndex]:
        return [index for index in self.held.values() if index.state in states]

    async def case(self, code: str) -> None:
        return None


class OnePublished:
    """The flows as shipped."""

    def current(self):
        return compiled(real_bundle())


def index(team: str = "protection", urgency: str = "normal", state: str = "waiting", since: float = MONDAY, **more) -> CaseIndex:
    code = more.pop("code", f"AAA-{next(_numbers):03d}".replace("0", "Z").replace("1", "Y"))
    return CaseIndex(code, team, urgency, state, since, more.pop("language", "ar"), **more)


async def view_of(*indexes: CaseIndex, now: float = MONDAY) -> QueueView:
    clock = FakeClock(now)
    vault = Vault(FakeKeys(), now=clock.now, entropy=Counted().bytes)
    view = QueueView(
        store=Shelf(*indexes), vault=vault, library=OnePublished(), clock=clock, changes=Changes(), told=Counting(), epoch="one"
    )
    await view.catch_up()
    return view


def codes(rows: Sequence[Seen]) -> list[str]:
    return [seen.index.code for seen in rows]


# ── the order ──
async def test_danger_comes_first_then_the_promise_that_is_used_up_furthest():
    noon = MONDAY + 4 * 3600
    slow = index("return-desk", since=noon - 3600, code="SLOW")  # an hour of four
    quick = index("protection", since=noon - 1200, code="QUICK")  # 20 minutes of 30
    late = index("protection", since=noon - 2400, code="LATE")
    danger = index("protection", "now", since=noon - 60, code="DANGER")
    taken = index("protection", state="claimed", since=noon - 9000, claimant="Cèdre", code="TAKEN")
    view = await view_of(slow, quick, late, danger, taken, now=noon)

    assert codes(view.rows(ALL)) == ["DANGER", "LATE", "QUICK", "SLOW", "TAKEN"]


async def test_a_closed_team_does_not_age_its_promise():
    evening = MONDAY - 14 * 3600  # Sunday, 17:00 in Algiers: work ends
    asked = index("protection", since=evening - 600, code="NIGHT", urgency="normal")
    view = await view_of(asked, now=MONDAY)
    (seen,) = view.rows(ALL)

    assert seen.asleep
    assert seen.used == pytest.approx(1 / 3)
    assert not seen.late


async def test_a_team_that_a_publish_took_away_still_has_its_cases_in_order():
    view = await view_of(index("gone", since=MONDAY - 7200, code="OLD"), index("gone", since=MONDAY - 60, code="NEW"))

    assert codes(view.rows(ALL)) == ["OLD", "NEW"]
    assert view.rows(ALL)[0].late


async def test_each_caseworker_sees_their_teams_and_what_they_filter_for():
    tagged = index("return-desk", language="fr", code="FRENCH")
    mine = index(state="claimed", claimant="Arganier", code="MINE")
    view = await view_of(index(code="OTHER"), tagged, mine)

    assert codes(view.rows(StaffMember("s2", "Cèdre", teams=("return-desk",)))) == ["FRENCH"]
    assert codes(view.rows(ALL, language="fr")) == ["FRENCH"]
    assert codes(view.rows(ALL, team="return-desk")) == ["FRENCH"]
    assert codes(view.rows(ALL, show="mine")) == ["MINE"]
    assert set(codes(view.rows(ALL, show="waiting"))) == {"OTHER", "FRENCH"}


async def test_open_cases_are_counted_for_each_who_has_them():
    view = await view_of(index(), index(state="claimed", claimant="Cèdre"), index(state="claimed", claimant="Cèdre"))

    assert view.loads() == {"Cèdre": 2}


@pytest.mark.parametrize("said", ["K7L-42X", "k7l42x", "K7I 42X", "k71-42x", "7L4"])
async def test_a_code_is_found_as_it_is_said(said):
    view = await view_of(index(code="K7L-42X"), index(code="QQQ-888"))

    assert codes(view.find(said, ALL)) == ["K7L-42X"]


@pytest.mark.parametrize("said", ["QQQ-888", "000888", "OOO-888"])
async def test_a_zero_or_an_o_is_a_q(said):
    view = await view_of(index(code="K7L-42X"), index(code="QQQ-888"))

    assert codes(view.find(said, ALL)) == ["QQQ-888"]


async def test_cases_are_found_by_a_tag_that_nobody_can_read_in_the_store(world):
    code = await to_case(world)
    await world.act(world.desk.tag(code, await world.member(), ["Sans  Papiers"], "t1"))
    await world.view.catch_up()

    assert codes(world.view.find("sans papiers", ALL)) == [code]
    assert codes(world.view.rows(ALL, tag=world.vault.tag("sans papiers"))) == [code]
    assert "papiers" not in str(world.view.index(code))


async def test_who_was_answered_waits_no_more_and_who_writes_again_waits_anew(world):
    code = await to_case(world)
    await world.act(world.desk.answer(code, await world.member(), "Bonjour", "a1"))
    await world.view.catch_up()
    assert (world.view.seen(code).waits, world.view.seen(code).used) == (0.0, 0.0)

    world.clock.pass_by(300)
    await world.say("merci, et maintenant ?")
    world.clock.pass_by(300)
    await world.view.catch_up()
    assert world.view.seen(code).waits == world.clock.now() - 300


async def test_cases_are_found_by_their_state_and_nobody_finds_those_of_other_teams():
    view = await view_of(index(code="K7L-42X", state="claimed"), index(code="QQQ-888"))

    assert codes(view.find("claimed", ALL)) == ["K7L-42X"]
    assert codes(view.find("K7L-42X", StaffMember("s2", "Cèdre", teams=("return-desk",)))) == []
    assert codes(view.find(" ", ALL)) == []


# ── kept current ──
async def test_a_bell_brings_a_new_case_into_the_queue_and_tells_the_desks(world):
    await world.view.catch_up()
    code = await to_case(world)
    await world.view.catch_up()

    assert codes(world.view.rows(ALL)) == [code]
    changes = world.view.feed.after(0)
    assert changes[0].kind == "new"
    assert {change.code for change in changes} == {code}


async def test_what_each_act_is_called(world):
    code = await to_case(world)
    await world.view.catch_up()
    amina = await world.member()
    heard = []
    for act in (
        lambda: world.act(world.desk.claim(code, amina, "a1")),
        lambda: world.say("merci"),
        lambda: world.act(world.desk.note(code, amina, "calme", "a2")),
        lambda: world.act(world.desk.answer(code, amina, "Bonjour", "a3")),
        lambda: world.word("stop"),
        lambda: world.word("erase"),
    ):
        before = world.view.feed.n
        await act()
        await world.view.catch_up()
        heard.append({change.kind for change in world.view.feed.after(before)})

    assert heard == [{"state"}, {"words"}, {"note"}, {"staff", "state"}, {"state"}, {"erased"}]  # the channel took the answer


async def test_what_no_bell_told_is_seen_at_the_next_look(world):
    world.view.heard = lambda code, kind: None
    world.worker._changes.also = None
    await world.view.catch_up()
    code = await to_case(world)
    await world.view.catch_up()
    assert codes(world.view.rows(ALL)) == []

    world.clock.pass_by(LOOK)
    await world.view.catch_up()
    assert codes(world.view.rows(ALL)) == [code]
    await world.say("encore moi")
    amina = await world.member()
    world.clock.pass_by(LOOK)
    await world.view.catch_up()
    await world.act(world.desk.close(code, amina, "answered", "a1"))
    world.clock.pass_by(LOOK)
    await world.view.catch_up()

    assert codes(world.view.rows(ALL)) == []
    assert [change.kind for change in world.view.feed.after(0)] == ["new", "words", "state"]


async def test_a_look_that_began_before_a_change_does_not_undo_it(world):
    code = await to_case(world)
    await world.view.catch_up()
    amina = await world.member()
    old = await world.store.cases(states=("waiting", "claimed"), teams=None)
    real = world.store.cases

    async def slow(**asked):
        await world.act(world.desk.claim(code, amina, "a1"))
        return old

    world.store.cases = slow
    world.clock.pass_by(LOOK)
    await world.view.catch_up()
    world.store.cases = real
    await world.view.catch_up()

    assert world.view.rows(ALL)[0].index.claimant == amina.name


async def test_closed_cases_are_read_on_demand_and_dropped_when_nobody_asks_any_more(world):
    code = await to_case(world)
    await world.act(world.desk.close(code, await world.member(), "answered", "a1"))
    await world.view.catch_up()
    assert codes(world.view.rows(ALL, show="closed")) == []

    await world.view.ready(ended=True)
    assert codes(world.view.rows(ALL, show="closed")) == [code]
    world.clock.pass_by(3600)
    await world.view.catch_up()
    assert codes(world.view.rows(ALL, show="closed")) == []


async def test_a_store_that_is_down_and_a_bug_of_ours_end_nothing(world, monkeypatch):
    monkeypatch.setattr("bot.conversation.cases.view.PAUSE", 0.01)
    code = await to_case(world)
    real, fails = world.store.cases, [StoreUnavailable(), KeyError("ours")]

    async def cases(**asked):
        if fails:
            raise fails.pop()
        return await real(**asked)

    world.store.cases = cases
    running = asyncio.create_task(world.view.run())
    async with asyncio.timeout(5):
        while not world.view.rows(ALL):
            await asyncio.sleep(0.01)
        world.view.stop()
        await running

    assert codes(world.view.rows(ALL)) == [code]
    assert world.told.crashes == ["KeyError"]


# ── faces ──
async def test_the_row_shows_safe_hours_and_country_once_the_file_was_opened(world):
    code = await to_case(world)
    await world.view.catch_up()
    file = world.view.seen(code)
    page = await world.desk.open(code, await world.member())

    assert file is not None
    assert file.hours == page.safe_hours


@pytest.mark.parametrize("bell", [True, False], ids=["told", "not told"])
async def test_of_an_erased_case_nothing_stays_in_memory(world, bell):
    code = await to_case(world)
    await world.view.catch_up()
    assert world.view._faces[code]
    if not bell:
        world.worker._changes.also = None
    world.vault.case_keys(code, (await world.store.case(code)).wraps)
    await world.word("erase")
    if not bell:
        world.clock.pass_by(LOOK)
        await world.view.catch_up()

    assert code not in world.view._faces
    assert all(seen.index.code != code for seen in world.view._order)
    assert not any(row.startswith("case/") for row, _ in world.vault._ready)
    await world.view.catch_up()
    assert codes(world.view.rows(ALL)) == []


async def test_a_damaged_file_is_shown_by_its_index(world):
    code = await to_case(world)
    held = world.store.cases_[code]
    held.record = structs.replace(held.record, sealed=b"nothing")
    await world.view.catch_up()

    assert codes(world.view.rows(ALL)) == [code]
