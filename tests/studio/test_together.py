"""Several authors at one draft at once, over lines that lose answers: no word is lost, nothing is done twice."""

import asyncio
import random
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.ports import StoreUnavailable
from bot.studio.drafts.parts import Edited, NotAllowed
from bot.studio.editing.edits import WriteFile
from tests.checks.bundles import TRY as FLOW
from tests.checks.bundles import clean
from tests.fakes import FakeClock, MemoryStore
from tests.studio.shop import TRY, Shop, shop

LINES = 6
START = FLOW + "".join(f"# {number} ---\n" for number in range(LINES))


class Shaky:
    """A store that lets others go first now and then, and loses answers before or after it did what was asked."""

    def __init__(self, store: MemoryStore, seed: int, lost: float) -> None:
        self._store = store
        self._chance = random.Random(seed)
        self._lost = lost

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def note(self, *args: Any, **named: Any) -> Any:
        return await self._shaken(self._store.note, *args, **named)

    async def put_note(self, *args: Any, **named: Any) -> Any:
        return await self._shaken(self._store.put_note, *args, **named)

    async def _shaken(self, work: Any, *args: Any, **named: Any) -> Any:
        for _ in range(self._chance.randrange(4)):
            await asyncio.sleep(0)
        if self._chance.random() < self._lost:
            raise StoreUnavailable
        given = await work(*args, **named)
        for _ in range(self._chance.randrange(3)):
            await asyncio.sleep(0)
        if self._chance.random() < self._lost:
            raise StoreUnavailable
        return given


class Author:
    """One who reads, writes one line of the file, and sends it until an answer comes."""

    def __init__(self, made: Shop, name: str, draft: str, seed: int, lines: range) -> None:
        self.shop, self.name, self.draft = made, name, draft
        self.chance = random.Random(seed)
        self.lines = lines
        self.moves: list[tuple[int, str, str]] = []
        self.back: list[str] = []

    async def asks(self, work: Any) -> Any:
        while True:
            try:
                return await work()
            except StoreUnavailable:
                await asyncio.sleep(0)

    async def write(self, word: str) -> None:
        seen: str = (await self.asks(lambda: self.shop.workshop.bundle(self.draft)))[TRY]
        number = self.chance.choice(self.lines)
        was = said(seen, number)
        text = seen.replace(f"# {number} {was}\n", f"# {number} {word}\n")
        for _ in range(self.chance.randrange(5)):
            await asyncio.sleep(0)
        edits = [WriteFile(TRY, text, seen)]
        done: Edited = await self.asks(lambda: self.shop.workshop.edit(self.draft, edits, by=self.name, action=word))
        if done.clashes:
            assert done.clashes[0].mine == text
            self.back.append(word)
        else:
            self.moves.append((number, was, word))


def said(text: str, number: int) -> str:
    return next(line.split()[2] for line in text.splitlines() if line.startswith(f"# {number} "))


async def together(seed: int, lost: float, lines: list[range]) -> tuple[Shop, str, list[Author]]:
    clock = FakeClock()
    store = MemoryStore(clock)
    made = await shop(clean(**{"try": START}), store=store, clock=clock)
    head = await made.begin()
    authors = [
        Author(made.beside(Shaky(store, seed * 7 + n, lost)), f"author-{n}", head.id, seed * 13 + n, own)
        for n, own in enumerate(lines)  # type: ignore[arg-type]
    ]

    async def works(author: Author) -> None:
        for n in range(6):
            await author.write(f"{author.name}.{n}")

    await asyncio.gather(*map(works, authors))
    return made, (await made.workshop.bundle(head.id))[TRY], authors


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.1]))
def test_at_neighbouring_lines_of_one_file_nobody_hinders_anybody(seed: int, lost: float) -> None:
    async def proves() -> None:
        made, text, authors = await together(seed, lost, [range(0, LINES, 3), range(1, LINES, 3), range(2, LINES, 3)])

        last = {number: word for author in authors for number, _, word in author.moves}
        assert not any(author.back for author in authors)
        assert {number: said(text, number) for number in last} == last
        assert len(text.splitlines()) == len(START.splitlines())
        (head,) = await made.workshop.drafts()
        assert set(head.authors) == {author.name for author in authors}

    asyncio.run(proves())


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.1]))
def test_at_one_line_each_word_stands_or_is_given_back(seed: int, lost: float) -> None:
    async def proves() -> None:
        _, text, authors = await together(seed, lost, [range(2), range(2), range(2)])

        moves = [move for author in authors for move in author.moves]
        for number in range(2):
            after = Counter(word for n, _, word in moves if n == number)
            before = Counter(was for n, was, _ in moves if n == number)
            # each word was put in the place of the one its author saw: a chain from the first to what stands there now
            assert before + Counter([said(text, number)]) == after + Counter(["---"])
        assert sum(len(author.moves) + len(author.back) for author in authors) == 18

    asyncio.run(proves())


@given(st.integers(0, 10**6))
def test_what_is_taken_back_is_taken_back_once(seed: int) -> None:
    async def proves() -> None:
        clock = FakeClock()
        store = MemoryStore(clock)
        made = await shop(clean(**{"try": START}), store=store, clock=clock)
        head = await made.begin()

        async def works(number: int) -> None:
            author = Author(made.beside(Shaky(store, seed + number, 0.1)), f"author-{number}", head.id, seed, range(number, number + 1))  # type: ignore[arg-type]
            for n in range(3):
                await author.write(f"{author.name}.{n}")
            await author.asks(lambda: author.shop.workshop.undo(head.id, by=author.name, action="back"))

        await asyncio.gather(*(works(number) for number in range(3)))
        text = (await made.workshop.bundle(head.id))[TRY]

        assert [said(text, number) for number in range(3)] == [f"author-{number}.1" for number in range(3)]

    asyncio.run(proves())


@given(st.integers(0, 10**6))
def test_of_two_who_publish_at_once_one_is_told_to_bring_theirs_onto_the_others(seed: int) -> None:
    async def proves() -> None:
        clock = FakeClock()
        store = MemoryStore(clock)
        made = await shop(store=store, clock=clock)
        one = await made.to_approved(FLOW.replace("Hello.", "Salut."))
        two = await made.to_approved(FLOW.replace("title: Try", "title: Test"))

        async def publishes(draft: str, n: int) -> str:
            beside = made.beside(Shaky(store, seed + n, 0.05))  # type: ignore[arg-type]
            while True:
                try:
                    return await beside.workshop.publish(draft, by="amina")
                except StoreUnavailable:
                    continue
                except NotAllowed as refused:
                    return refused.reason

        results = await asyncio.gather(publishes(one.id, 1), publishes(one.id, 2), publishes(two.id, 3))
        force = await made.library.look()

        assert force is not None
        assert len(force.deeds) == 2
        first, again, second = results
        assert (first == again == force.revision and second == "behind") or (first == again == "behind" and second == force.revision)

    asyncio.run(proves())


async def test_what_is_written_while_it_is_published_stays_as_a_draft_on_it() -> None:
    made = await shop()
    head = await made.to_approved(FLOW.replace("Hello.", "Salut."))
    beside, late = made.beside(), FLOW.replace("Hello.", "Salut.") + "# late\n"
    put_in_force = beside.library.put_in_force

    async def slow(*args: Any, **named: Any) -> None:
        await put_in_force(*args, **named)
        await made.write(head.id, late, by="karim")

    beside.library.put_in_force = slow  # type: ignore[method-assign]
    revision = await beside.workshop.publish(head.id, by="amina")

    after = await made.workshop.head(head.id)
    assert (after.state, after.base, after.files, after.approved) == ("open", revision, (TRY,), None)
    assert (await made.workshop.bundle(head.id))[TRY] == late
    assert (await made.workshop.undo(head.id, by="karim")).head.files == ()
