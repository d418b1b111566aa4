"""The workshop: drafts of the flows, in the store, apart from what is live.

Rule 1: an act writes new texts first and then moves the draft by compare-and-swap: a process that dies leaves it as it was, or as it is.
Rule 2: who comes second makes their edits again on what the first wrote; only the same words in the same place are a clash.
Rule 3: an act has a name; sent again it is known, and is not done again.
Rule 4: what is live is moved by the library's own compare-and-swap, from the base that was approved with it.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec import structs

from bot.conversation.keeping.library import CannotRun, Deed, Head, StoreLibrary, WasRecalled
from bot.conversation.staffing.staff import NoteSeals
from bot.flow.bundle import Bundle
from bot.ports import Chance, Clock, Stale, Store, StoreUnavailable
from bot.studio.bundle.compiled import findings, losses, unsaid
from bot.studio.bundle.trials import batches, tried
from bot.studio.drafts import drafting as d
from bot.studio.drafts.drafting import GONE, SAME, Act, Moved, Record
from bot.studio.drafts.parts import Bench, DraftHead, Edited, Named, NotAllowed
from bot.studio.drafts.shelf import Shelf
from bot.studio.editing import making
from bot.studio.editing.bringing import Back, brought_onto, taken_back
from bot.studio.editing.edits import Clash, Edit, RenameFlow
from bot.studio.editing.flowedits import redirected
from bot.studio.editing.limits import DRAFTS_KEPT, DRAFTS_OPEN

TRIES = 100
"""How often an act is made again because others were quicker; each time, one of them got on."""


class Outcome(NamedTuple):
    """What an act makes of a draft: its files, the edits it could not make by place, and the name of the act it takes back."""

    bundle: Bundle
    clashes: tuple[tuple[int, Clash], ...] = ()
    undoes: str = ""
    renamed: tuple[tuple[str, str], ...] = ()


Make = Callable[[Record, Bundle], Awaitable[Outcome]]
Again = Callable[[Act | None, Bundle], Awaitable[tuple[Clash, ...]]]


class Workshop:
    """Drafts of one store."""

    def __init__(self, *, store: Store, vault: NoteSeals, clock: Clock, chance: Chance, library: StoreLibrary, bench: Bench) -> None:
        self._clock = clock
        self._chance = chance
        self._library = library
        self._bench = bench
        self._shelf = Shelf(store=store, vault=vault, clock=clock, chance=chance, library=library)

    # ── looking ──
    async def drafts(self) -> Sequence[DraftHead]:
        """Give drafts that are not over, last changed first."""
        return [d.head_of(record) for record in await self._records() if not record.over]

    async def dropped(self) -> Sequence[DraftHead]:
        """Give drafts that can be taken up again, last dropped first: those given up, and those that were gone back from."""
        force = await self._in_force()
        records = [record for record in await self._records() if record.state == "dropped" or d.gone_back(record, force)]
        return [d.head_of(record) for record in records]

    async def head(self, draft: str) -> DraftHead:
        """Give one draft without its files; raises `KeyError`."""
        record, _ = await self._shelf.load(draft)
        return d.head_of(await self._settled(record))

    async def bundle(self, draft: str) -> Bundle:
        """Give the files of a draft; raises `KeyError`."""
        return (await self._whole(draft))[2]

    async def base(self, draft: str) -> Bundle:
        """Give the files the draft was begun on, or brought up to; raises `KeyError`."""
        record, _ = await self._shelf.load(draft)
        return await self._shelf.revision(record.base)

    async def sweep(self) -> int:
        """Remove what drafts that are over left behind; gives how many texts."""
        return await self._shelf.sweep()

    # ── writing ──
    async def begin(self, title: str, *, by: str, action: str = "") -> DraftHead:
        """Begin a draft on what is in force. `action`: twice under one title is once. Raises `NotAllowed` (`many`)."""
        id_ = _name(by, f"{action} {title}")[:12] if action else self._chance(12).lower()
        with suppress(KeyError):
            return await self.head(id_)
        await self._must_have_room()
        if len(await self._shelf.all()) >= DRAFTS_KEPT:
            raise NotAllowed("many")
        force = await self._in_force()
        now = Named(by, self._clock.now(), force.revision)
        revision = (await self._shelf.revision(force.revision)).full
        record = Record(
            id=id_, title=d.words(title, d.TITLE), base=force.revision, revision=revision, began=now, changed=now, deeds=len(force.deeds)
        )  # fmt: skip
        with suppress(Stale):  # it was begun by the same act, of which no answer came
            await self._shelf.put(record, 0)
        return await self.head(id_)

    async def edit(self, draft: str, edits: Sequence[Edit], *, by: str, action: str) -> Edited:
        """Make edits, each wholly or not at all. `action`: a name given by who asks; done twice, it is done once."""

        async def make(record: Record, bundle: Bundle) -> Outcome:
            done = await self._bench(making.made, bundle, redirected(bundle, edits, record.renamed()))
            failed = {place for place, _ in done.clashes}
            named = [(each.flow, each.to) for place, each in enumerate(edits) if isinstance(each, RenameFlow) and place not in failed]
            return Outcome(done.upon(bundle), done.clashes, renamed=tuple(named))

        async def again(act: Act | None, bundle: Bundle) -> tuple[Clash, ...]:
            known = tuple((edits[place], why) for place, why in (act.clashed if act else ()) if place < len(edits))
            return await self._bench(making.clashing, bundle, known) if known else ()

        return await self._act(draft, by, _name(by, action), make, again)

    async def undo(self, draft: str, *, by: str, action: str = "") -> Edited:
        """Take back the last act of this author that stands; where others changed the same since, it stands and is given as a clash."""

        async def make(record: Record, bundle: Bundle) -> Outcome:
            last = d.last_of(record, by)
            if last is None:
                return Outcome(bundle)
            back = [await self._back(last, moved) for moved in last.moved]
            taken, clashes = await self._bench(taken_back, bundle, back)
            return Outcome(bundle, tuple(enumerate(clashes))) if clashes else Outcome(taken, undoes=last.name)

        return await self._act(draft, by, _name(by, action or self._chance(12)), make, _nothing)

    async def freshen(self, draft: str, *, by: str) -> Edited:
        """Bring a draft onto what is in force now; where both changed the same lines the draft's stand, and each is given as a clash."""
        for _ in range(TRIES):
            record, version, mine = await self._whole(draft)
            d.must_be_open(record)
            force = await self._in_force()
            if force.revision == record.base:
                return Edited(d.head_of(record), mine)
            base, theirs = await self._shelf.revision(record.base), await self._shelf.revision(force.revision)
            bundle, clashes = await self._bench(brought_onto, base, mine, theirs)
            made = await self._on(record, theirs, bundle, len(force.deeds), by)
            if await self._moved(record, version, made):
                return Edited(d.head_of(made), bundle, clashes)
        raise StoreUnavailable

    # ── a second person ──
    async def ask(self, draft: str, *, by: str, words: str) -> DraftHead:
        """Ask for a second person's yes to the draft as it is; raises `NotAllowed`."""
        return await self._turn(draft, lambda record: d.asked(record, self._now(by, words)))

    async def approve(self, draft: str, revision: str, *, by: str, words: str = "") -> DraftHead:
        """Say yes to this revision of it; never by one of its authors. Raises `NotAllowed`.

        `words`: why it may take away what protects people; needed only if it does.
        """
        record, _, bundle = await self._whole(draft)
        made = d.approved(record, revision, self._now(by, words))
        if not d.said_why(made):
            to_be_said: int = await self._bench(unsaid, await self._shelf.revision(record.base), bundle)
            if to_be_said:
                raise NotAllowed("unsaid")
        return await self._turn(draft, lambda record: d.approved(record, revision, self._now(by, words)))

    async def send_back(self, draft: str, *, by: str, words: str) -> DraftHead:
        """Say what is still to mend; raises `NotAllowed`."""
        return await self._turn(draft, lambda record: d.sent_back(record, self._now(by, words)))

    async def publish(self, draft: str, *, by: str) -> str:
        """Check, run the tests, and put it in force; gives the revision. Done already: gives it again. Raises `NotAllowed`."""
        record, _, bundle = await self._whole(draft)
        force = await self._in_force()
        done = d.published_by(record, force)
        if done is None:
            d.may_publish(record)
            if force.revision != record.base:
                raise NotAllowed("behind")
            await self._must_be_sound(bundle)
            await self._must_be_answered_for(record, bundle)
            await self._must_stand(record)
            done = await self._put_in_force(record, bundle, by)
        await self._settle(draft, done)
        return done.revision

    async def _must_stand(self, record: Record) -> None:
        """Raise `NotAllowed` if the yes was taken back or the draft written in while its tests ran; if it was published, that is known."""
        now, _ = await self._shelf.load(record.id)
        if d.published_by(record, await self._in_force()) is None:
            d.may_publish(now)
            if now.revision != record.revision:
                raise NotAllowed("changed")

    async def _put_in_force(self, record: Record, bundle: Bundle, by: str) -> Deed:
        deed = Deed(
            at=self._clock.now(), by=by, why=d.why(record), revision=bundle.revision, draft=record.id, authors=record.authors,
            approved=record.approved.by if record.approved else "",
        )  # fmt: skip
        try:
            await self._library.put_in_force(bundle, deed, onto=record.base)
        except CannotRun:
            raise NotAllowed("problems") from None
        except WasRecalled:
            raise NotAllowed("recalled") from None
        except Stale:  # another publish was quicker: of this very draft, or of another
            done = d.published_by(record, await self._in_force())
            if done is None:
                raise NotAllowed("behind") from None
            return done
        return deed

    # ── the end ──
    async def drop(self, draft: str, *, by: str) -> None:
        """Give a draft up; it can be taken up again for 30 days. Raises `NotAllowed` if it was published."""
        await self._turn(draft, lambda record: d.dropped(record, self._now(by)))

    async def take_up(self, draft: str, *, by: str) -> DraftHead:
        """Go on with a draft that was given up or gone back from; raises `NotAllowed` if it is in force, or too many are open."""
        await self._must_have_room()
        force = await self._in_force()
        return await self._turn(draft, lambda record: d.taken_up(record, self._now(by), force))

    # ── inside: acts ──
    async def _act(self, draft: str, by: str, name: str, make: Make, again: Again) -> Edited:
        """Do an act on the draft as it is, and again on what it has become if others were quicker."""
        written: dict[str, str] = {}
        for _ in range(TRIES):
            record, version, bundle = await self._whole(draft)
            if record.knows(name):
                await self._shelf.forget(set(written.values()) - record.texts())
                return Edited(d.head_of(record), bundle, await again(record.act(name), bundle))
            d.must_be_open(record)
            try:
                after, clashes, undoes, renamed = await make(record, bundle)
            except Stale:
                continue
            told = tuple(clash for _, clash in clashes)
            if after == bundle and not undoes:
                await self._shelf.forget(written.values())
                return Edited(d.head_of(record), bundle, told)
            moved = await self._write(record, bundle, after, written)
            clashed = tuple((place, clash.why) for place, clash in clashes)
            act = Act(name, by, self._clock.now(), record.base, moved, clashed, undoes=undoes, renamed=renamed)
            made = d.written(record, act, after.full)
            if await self._moved(record, version, made, also=written.values()):
                return Edited(d.head_of(made), self._shelf.keep_ready(after), told)
        raise StoreUnavailable

    async def _write(self, record: Record, before: Bundle, after: Bundle, written: dict[str, str]) -> tuple[Moved, ...]:
        """Keep the texts that are new; gives what moved. `written`: text → name, of those kept already."""
        base = await self._shelf.revision(record.base)
        moved: list[Moved] = []
        for path in {**before, **after}:
            text = after.get(path)
            if text != before.get(path):
                moved.append(Moved(path, record.files.get(path, SAME), await self._place(record, base, path, text, written)))
        return tuple(moved)

    async def _place(self, record: Record, base: Bundle, path: str, text: str | None, written: dict[str, str]) -> str:
        if text == base.get(path):
            return SAME
        return GONE if text is None else await self._shelf.keep_text(record.id, text, written)

    async def _back(self, act: Act, moved: Moved) -> Back:
        before, after = [await self._shelf.text_at(act.base, moved.path, name) for name in (moved.before, moved.after)]
        return Back(moved.path, before, after)

    async def _moved(self, record: Record, version: int, made: Record, also: Iterable[str] = ()) -> bool:
        """Move the draft, unless somebody was quicker; then remove what it needs no more."""
        try:
            await self._shelf.put(made, version)
        except Stale:
            return False
        await self._shelf.forget((record.texts() | set(also)) - made.texts())
        return True

    async def _turn(self, draft: str, turn: Callable[[Record], Record]) -> DraftHead:
        for _ in range(TRIES):
            record, version = await self._shelf.load(draft)
            made = turn(await self._settled(record))
            if made == record or await self._moved(record, version, made):
                return d.head_of(made)
        raise StoreUnavailable

    # ── inside: what is in force ──
    async def _on(self, record: Record, base: Bundle, bundle: Bundle, deeds: int, by: str) -> Record:
        """The draft with these files on this base."""
        mine, known = await self._shelf.bundle(record), {}
        known.update({mine[path]: name for path, name in record.files.items() if name != GONE})
        files = {path: await self._place(record, base, path, bundle.get(path), known) for path in {**base, **bundle}}
        differing = {path: name for path, name in files.items() if name != SAME}
        now = Named(by, self._clock.now())
        return d.brought(record, base=base.revision, files=differing, revision=bundle.full, deeds=deeds, now=now)

    async def _settle(self, draft: str, deed: Deed) -> Record:
        """Write down that the draft was published; what was written in it meanwhile stays, as a draft on what it was published as."""
        for _ in range(TRIES):
            record, version, bundle = await self._whole(draft)
            force = await self._in_force()
            if record.over or d.published_by(record, force) is None:
                return record
            if record.revision.startswith(deed.revision):
                made = structs.replace(record, state="published", changed=Named(deed.by, deed.at, deed.revision))
            else:
                made = await self._on(record, await self._shelf.revision(deed.revision), bundle, len(force.deeds), record.changed.by)
            if await self._moved(record, version, made):
                return made
        raise StoreUnavailable

    async def _settled(self, record: Record) -> Record:
        """The draft, brought to its end if the process that published it died before it could."""
        head = self._library.head or await self._library.look()
        done = d.published_by(record, head) if head is not None and not record.over else None
        return await self._settle(record.id, done) if done is not None else record

    async def _must_be_answered_for(self, record: Record, bundle: Bundle) -> None:
        """Raise `NotAllowed` if it takes away what nobody may, or what nobody said why."""
        taken = await self._bench(losses, await self._shelf.revision(record.base), bundle)
        if any(not loss.warning for loss in taken):
            raise NotAllowed("problems")
        if taken and not d.said_why(record):
            raise NotAllowed("unsaid")

    async def _must_be_sound(self, bundle: Bundle) -> None:
        today = datetime.fromtimestamp(self._clock.now(), UTC).date()
        if any(not problem.warning for problem in await self._bench(findings, bundle, today)):
            raise NotAllowed("problems")
        for paths in batches(bundle):
            if not all(trial.passed for trial in await self._bench(tried, bundle, paths)):
                raise NotAllowed("tests")

    # ── inside ──
    async def _whole(self, draft: str) -> tuple[Record, int, Bundle]:
        """The draft, its version and its files; read again if it moved meanwhile."""
        for _ in range(TRIES):
            record, version = await self._shelf.load(draft)
            with suppress(Stale):
                return record, version, await self._shelf.bundle(record)
        raise StoreUnavailable

    async def _records(self) -> Sequence[Record]:
        records = [await self._settled(record) for record in await self._shelf.all()]
        return sorted(records, key=lambda record: record.changed.at, reverse=True)

    async def _must_have_room(self) -> None:
        if len(await self.drafts()) >= DRAFTS_OPEN:
            raise NotAllowed("many")

    async def _in_force(self) -> Head:
        head = await self._library.look()
        return head if head is not None else Head(revision="")

    def _now(self, by: str, said: str = "") -> Named:
        return Named(by, self._clock.now(), words=d.words(said, d.WORDS))


async def _nothing(_act: Act | None, _bundle: Bundle) -> tuple[Clash, ...]:
    return ()


def _name(by: str, action: str) -> str:
    """The name of an act: the same act of the same author has the same."""
    return hashlib.sha256(f"{by} {action}".encode("utf-8", "replace")).hexdigest()[:24]
