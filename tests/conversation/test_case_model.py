"""Three caseworkers and one person do whatever comes into their heads, at once: what must always hold, holds.

The bot is silent while a human has the conversation; nobody shares a case; every answer that was accepted reached the person once, and no
other did; and the index says what the thread implies.
"""

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from bot.conversation.keeping.casefile import file_of
from bot.conversation.keeping.envelope import item_from
from bot.engine.events import Corrected, Said, WordPressed
from bot.ports import CaseState
from bot.storage.sqlite.store import SqliteStore
from tests.conversation.test_service import to_menu
from tests.fakes import FakeClock, MemoryStore
from tests.world import build_world

STAFF = ("amina", "karim", "lea")
TEAMS = ("protection", "return-desk")
HOUR = 3600.0
MOVES = ("claimed", "assigned", "moved", "queued", "closed", "reopened", "do-not-write")
"""States that may make the bot say something."""


@dataclass
class Implied:
    """What the entries of a thread say of their case."""

    asked: float
    state: CaseState = "waiting"
    claimant: str | None = None
    unread: int = 0
    answered: bool = False
    unwritten: bool = False
    step: int = 0
    later: dict[str, float] = field(default_factory=dict)

    def read(self, kind, text, by, about, at):
        if kind == "person":
            self.unread, self.asked = self.unread + 1, self.asked or at
        elif kind == "staff":
            self.unread, self.asked, self.answered = 0, 0.0, True
            self.later = dict.fromkeys(self.later, 0.0)
        elif kind == "later":
            self.later[about] = self.asked
            if self.state == "claimed":
                self.unread, self.asked = 0, 0.0
        elif kind == "state":
            self._state(text, by, about, at)

    def _state(self, text, by, about, at):
        match text:
            case "claimed":
                self.state, self.claimant, self.unread, self.step = "claimed", by, 0, 0
            case "assigned":
                self.state, self.claimant, self.step = "claimed", about, 0
            case "moved" | "queued" | "reopened":
                self.unwritten = self.unwritten and text != "reopened"
                self.state, self.claimant, self.unread, self.answered, self.step = "waiting", None, 0, False, 0
                self.asked = 0.0 if self.unwritten else self.asked or at
            case "do-not-write" | "only-after":
                self.unwritten, self.asked = True, 0.0
            case "may-write":
                self.unwritten, self.asked = False, at if self.state == "waiting" else self.asked
            case "closed":
                self.state, self.unread, self.asked, self.step = "closed", 0, 0.0, 0
            case "alerted":
                self.step += 1
            case "withdrawn" | "later-not-sent":
                asked = self.later.pop(about)
                if asked and not self.unwritten:
                    self.asked = asked


class Play:
    """One run. `accepted`: answers that the desk took; `refused`: those it did not."""

    def __init__(self, world, code, chance):
        self.world, self.code, self.chance = world, code, chance
        self.n = 0
        self.accepted, self.refused = [], []
        self.put_off = {}
        self.erased = False

    # ── what may happen ──
    async def staff(self):
        """One act of one caseworker; gives (what, who, outcome)."""
        desk, chance = self.world.desk, self.chance
        self.n += 1
        who, action, code = chance.choice(STAFF), f"a{self.n}", self.code
        member = await self.world.staff.member(who)
        match chance.choice(
            (
                "claim",
                "claim",
                "answer",
                "answer",
                "answer",
                "later",
                "withdraw",
                "correct",
                "note",
                "tag",
                "give",
                "queue",
                "team",
                "back",
                "close",
                "alert",
            )
        ):
            case "claim":
                return "claim", who, await desk.claim(code, member, action)
            case "answer":
                return "answer", who, await self._answer(member, action)
            case "later":
                return "later", who, await self._later(member, action)
            case "withdraw":
                page = await desk.open(code, member)
                later = page.later[0].id if page is not None and page.later else "none"
                outcome = await desk.withdraw(code, member, later, action)
                if outcome == "done":
                    self.refused.append(self.put_off.pop(later))
                return "withdraw", who, outcome
            case "correct":
                return "correct", who, await desk.correct(code, member, f"corrected {action}", action, n=chance.randint(1, 9))
            case "note":
                return "note", who, await desk.note(code, member, "a note", action)
            case "tag":
                return "tag", who, await desk.tag(code, member, ["one", "two"][: chance.randint(0, 2)], action)
            case "give":
                to = await self.world.staff.member(chance.choice(STAFF))
                return "give", who, await desk.transfer(code, member, action, to=to.name, note=chance.choice(("", "a note")))
            case "queue":
                return "queue", who, await desk.transfer(code, member, action, team=(await self.kept()).index.team)
            case "team":
                return "team", who, await desk.transfer(code, member, action, team=chance.choice(TEAMS), agreed=chance.random() < 0.5)
            case "back":
                return "back", who, await desk.hand_back(code, member, action, flow=chance.choice(("", "menu")))
            case "close":
                return "close", who, await desk.close(code, member, "answered", action, follow_up=chance.random() < 0.5)
            case _:
                return "alert", who, await desk.alerted(code, (await self.kept()).index.step + 1, action)

    async def _answer(self, member, action):
        words = f"answer {action}"
        outcome = await self.world.desk.answer(self.code, member, words, action)
        (self.accepted if outcome == "done" else self.refused).append(words)
        return outcome

    async def _later(self, member, action):
        words = f"later {action}"
        due = self.world.clock.now() + self.chance.randint(1, 5) * HOUR
        outcome = await self.world.desk.answer(self.code, member, words, action, at=due)
        if outcome == "done":
            self.put_off[action] = words
        else:
            self.refused.append(words)
        return outcome

    async def person(self):
        """One event of the person; gives its name."""
        chance, at = self.chance, self.world.clock.now()
        what = chance.choice(("words", "words", "words", "edit", "stop", "menu", "danger", "erase" if chance.random() < 0.1 else "words"))
        self.n += 1
        event = {
            "words": Said(at=at, text=f"words {self.n}"),
            "edit": Corrected(at=at, text=f"other words {self.n}"),
            "danger": Said(at=at, text="je veux mourir"),
        }.get(what) or WordPressed(at=at, word=what)
        self.erased = self.erased or what == "erase"
        self.world.events += chance.randint(0, 1)
        await self.world.intake.accept([incoming(self.world, event)])
        return what

    async def together(self):
        """Up to three things at once; gives what was done."""
        world = self.world
        deeds = [self.person() if self.chance.random() < 0.35 else self.staff() for _ in range(self.chance.randint(1, 3))]
        tasks = [asyncio.create_task(deed) for deed in deeds]
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0)
            await world.worker.idle()
        await world.settle()
        return [task.result() for task in tasks]

    # ── what must hold ──
    async def holds(self, done, before, heard):
        world, session = self.world, await self.session()
        if session is not None and session.case is not None and session.case.code != self.code:  # danger words opened one
            self.code, self.read = session.case.code, 0
        index = (await self.kept()).index
        if self.erased:
            assert (index.state, index.claimant, index.tags, index.unread, index.asked) == ("erased", None, (), 0, 0.0)
            return
        who = session.who if session is not None else "bot"
        assert who == {"waiting": "waiting", "claimed": "human"}.get(index.state, "bot"), done
        assert (session.case is None) == (index.state == "closed")
        assert (index.claimant is None) == (index.state == "waiting") or index.state == "closed"
        self.one_each(done, index)
        await self.implied(index)
        if before == "human" == who and not self.moved:
            spoken = [m.id for m in world.heard()[heard:] if m.kind == "bot"]
            assert spoken.count("bot.human-here") <= 1  # said late, if the case was claimed in an hour that is not safe
            assert [id_ for id_ in spoken if id_ not in ("bot.stopped", "bot.which-language", "bot.human-here")] == []
        humans = [m.text for m in world.heard() if m.kind == "human"]
        assert [words for words in self.accepted if humans.count(words) != 1] == []
        assert [words for words in self.refused if words in humans] == []

    def one_each(self, done, index):
        claims = [who for act in done if isinstance(act, tuple) and act[0] == "claim" and act[2] == "done" for who in (act[1],)]
        if len(claims) == len([act for act in done if isinstance(act, tuple) and act[2] == "done"]):
            assert len(set(claims)) <= 1

    async def kept(self):
        record = await self.world.store.case(self.code)
        assert record is not None
        return record

    async def session(self):
        person = self.world.vault.person("telegram", "7")
        return self.world.worker._turns.open(person, await self.world.store.load(person)).session

    async def implied(self, index):
        record = await self.kept()
        keys, file = self.world.vault.case_keys(self.code, record.wraps), file_of(self.world.vault, record)
        said = Implied(asked=file.opened_at)
        self.moved = False
        trail = []
        for entry in await self.world.store.thread(self.code, limit=10_000):
            item = item_from(self.world.vault.open(keys, entry.sealed, kind="entry", row=f"{self.code}/{entry.n}", version=0))
            self.moved = self.moved or (entry.n > self.read and item.kind == "state" and item.text in MOVES)
            said.read(item.kind, item.text, item.by, item.about, entry.at)
            trail.append((entry.n, item.kind, item.text if item.kind != "bot" else item.said.id, item.by, item.about))
        self.read = file.entries
        is_ = (index.state, index.claimant, index.unread, index.answered, index.unwritten, index.step, index.asked)
        implied = (said.state, said.claimant, said.unread, said.answered, said.unwritten, said.step, said.asked)
        assert is_ == implied, "\n".join(map(str, trail[-14:]))
        self.gone(file)
        assert {one.id for one in file.later} == set(self.put_off)

    def gone(self, file):
        """Put-off answers that went, or were dropped, since."""
        humans = [m.text for m in self.world.heard() if m.kind == "human"]
        for id_ in [id_ for id_, words in self.put_off.items() if words in humans]:
            self.accepted.append(self.put_off.pop(id_))
        for id_ in [id_ for id_ in self.put_off if id_ not in {one.id for one in file.later}]:
            self.refused.append(self.put_off.pop(id_))

    read = 0
    moved = False


def incoming(world, event):
    from bot.conversation.keeping.intake import Incoming

    world.events += 1
    return Incoming(
        channel="telegram", identity="7", route="7", event_id=f"tg:{world.events}", event=event, message=str(5000 + world.events)
    )


async def again(world, play):
    """The person asks for a human again until a case is open; gives its code."""
    await world.word("human")
    for _ in range(12):
        session = await play.session()
        if session is not None and session.case is not None:
            return session.case.code
        buttons = [button.data.rpartition(".")[2] for button in world.heard()[-1].buttons]
        key = next((key for key in ("yes", "worry", "DZ", "skip", "fr") if key in buttons), None)
        if key is None:
            await world.word("human")
        else:
            await world.press(key)
    raise AssertionError(world.ids()[-6:])


@pytest.mark.parametrize(("kind", "seed"), [*(("memory", seed) for seed in range(40)), *(("sqlite", seed) for seed in range(40, 44))])
async def test_whatever_happens_at_once_the_laws_of_a_case_hold(kind, seed, tmp_path):
    clock = FakeClock()
    store = SqliteStore(tmp_path / "a.db", clock=clock) if kind == "sqlite" else MemoryStore(clock)
    await store.open()
    try:
        await _hold(await build_world(store=store, clock=clock, grouped=False), seed)
    finally:
        await store.close()


async def _hold(world, seed):
    chance = random.Random(seed)
    for who in STAFF:
        await world.member(who, roles=("supervisor",) if who == "lea" else ("caseworker",))
    await to_menu(world)
    play = Play(world, "", chance)
    play.code = await again(world, play)
    await play.implied((await play.kept()).index)
    for _ in range(60):
        session = await play.session()
        before, heard = session.who if session is not None else "bot", len(world.heard())
        if session is not None and session.case is None and chance.random() < 0.5:
            play.code = await again(world, play)
            play.read = 0
            continue
        done = await play.together()
        if chance.random() < 0.2:
            world.clock.pass_by(chance.choice((60.0, HOUR, 2 * HOUR)))
            await world.keeper.wake()
            await world.settle()
        await play.holds(done, before, heard)
        if play.erased:
            break
    assert world.told.poison == []
    if play.erased:
        humans = len([m for m in world.heard() if m.kind == "human"])
        world.clock.pass_by(9 * HOUR)
        await world.keeper.wake()
        await world.settle()
        assert await world.act(world.desk.answer(play.code, await world.member("lea"), "late", "late")) == "erased"
        assert len([m for m in world.heard() if m.kind == "human"]) == humans
