"""What the studio's pages and commands rely on: the workshop of drafts, and a bench where long work is done.

Rule 1: a draft is apart from what is live; what is live changes by `publish` alone, after the checks, the tests and a second person.
Rule 2: an approval names the revision it was given to; any edit after it is another revision, and takes it away.
"""

from collections.abc import Callable, Sequence
from typing import Literal, ParamSpec, Protocol, TypeVar

from msgspec import Struct

from bot.conversation.keeping.library import Head
from bot.flow.bundle import Bundle
from bot.studio.editing.edits import Clash, Edit

P = ParamSpec("P")
T = TypeVar("T")

DraftState = Literal["open", "asked", "approved", "published", "dropped"]


class Named(Struct, frozen=True):
    """Who did something to which revision, when, and in which words. `by`: id of a colleague, or `operator`."""

    by: str
    at: float
    revision: str = ""
    words: str = ""


class DraftHead(Struct, frozen=True, kw_only=True):
    """A draft without its files. `base`: the revision it was begun on or brought up to; `authors`: all who wrote in it."""

    id: str
    title: str
    base: str
    began: Named
    authors: tuple[str, ...]
    changed: Named
    state: DraftState = "open"
    revision: str = ""
    """Names its files as they are now."""
    files: tuple[str, ...] = ()
    """Paths that differ from the base."""
    asked: Named | None = None
    approved: Named | None = None
    sent_back: Named | None = None
    undoable: dict[str, float] = {}
    """Author → when they did what they can take back now; who can take nothing back is not among them."""
    renamed: dict[str, str] = {}
    """Flows that have another name by now: how they were called, and are."""


class Edited(Struct, frozen=True):
    """What came of edits: the draft as it is now, its files, and what was not written."""

    head: DraftHead
    bundle: Bundle
    clashes: tuple[Clash, ...] = ()


class NotAllowed(Exception):
    """The act does not fit. `reason`: `own` nobody approves what they wrote, `not-asked`, `changed` since then, `behind` what is in force,
    `problems`, `tests`, `not-approved`, `over`, `nothing` was changed, `many` drafts are open, `recalled`: what it holds was.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooMuch(TimeoutError):
    """Work on the bench took too long or too much memory, and was ended."""


class Outdated(Exception):
    """Work on the bench was not begun: the same caller has asked for newer work."""


class WorkshopLike(Protocol):
    """Drafts in the store (the workshop keeps them). Raises `KeyError` for an unknown draft, `NotAllowed`, `StoreUnavailable`."""

    async def drafts(self) -> Sequence[DraftHead]:
        """Give drafts that are not over, last changed first."""
        ...

    async def head(self, draft: str) -> DraftHead:
        """Give one draft without its files."""
        ...

    async def begin(self, title: str, *, by: str, action: str = "") -> DraftHead:
        """Begin a draft on what is in force. `action` as of `edit`."""
        ...

    async def bundle(self, draft: str) -> Bundle:
        """Give the files of a draft."""
        ...

    async def base(self, draft: str) -> Bundle:
        """Give the files the draft was begun on."""
        ...

    async def edit(self, draft: str, edits: Sequence[Edit], *, by: str, action: str) -> Edited:
        """Make edits, each wholly or not at all. `action`: a name given by who asks; done twice, it is done once."""
        ...

    async def undo(self, draft: str, *, by: str, action: str = "") -> Edited:
        """Take back the last act of this author that stands. `action` as of `edit`."""
        ...

    async def freshen(self, draft: str, *, by: str) -> Edited:
        """Bring a draft onto what is in force now; where both changed the same lines the draft's stand, and each is given as a clash."""
        ...

    async def ask(self, draft: str, *, by: str, words: str) -> DraftHead:
        """Ask for a second person's yes to the draft as it is."""
        ...

    async def approve(self, draft: str, revision: str, *, by: str, words: str = "") -> DraftHead:
        """Say yes to this revision of it; never by one of its authors, and in words if it takes away what protects people."""
        ...

    async def send_back(self, draft: str, *, by: str, words: str) -> DraftHead:
        """Say what is still to mend."""
        ...

    async def publish(self, draft: str, *, by: str) -> str:
        """Check, run the tests, and put it in force; gives the revision."""
        ...

    async def drop(self, draft: str, *, by: str) -> None:
        """Give a draft up; it can be taken up again for 30 days."""
        ...

    async def dropped(self) -> Sequence[DraftHead]:
        """Give drafts that can be taken up again, last dropped first: those given up, and those (`published`) that were gone back from."""
        ...

    async def take_up(self, draft: str, *, by: str) -> DraftHead:
        """Go on with a draft that was given up or gone back from."""
        ...


class Bench(Protocol):
    """Where long work is done without holding anybody up: a process of its own in service, at once in tests.

    `work` is a function of a module; it, its arguments and what it gives are sent to another process, so they are plain values.
    """

    async def __call__(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Do it and give what it gives; raises what it raises, or `TooMuch`, which is a `TimeoutError`."""
        ...


class Place(Struct, frozen=True):
    """Where conversations wait. `flow` empty: nothing is open. `step` empty: of a sensitive flow only the flow is told.

    `people`: 0 = fewer than ten. `held`: in what is in force the step is not the same, so who waits there stays on their revision.
    """

    flow: str
    step: str
    people: int
    held: bool = False


class Crowd(Struct, frozen=True):
    """Who is on a revision. `people`: 0 = fewer than ten, but not nobody."""

    revision: str
    people: int
    places: tuple[Place, ...] = ()


class Counted(Struct, frozen=True):
    """How many conversations were where at a time. A revision that is not among them has nobody. `whole`: nobody was left out."""

    at: float
    crowds: tuple[Crowd, ...]
    whole: bool = True

    def on(self, revision: str) -> Crowd | None:
        """Who is on this revision; None: nobody."""
        return next((crowd for crowd in self.crowds if crowd.revision == revision), None)


class CensusLike(Protocol):
    """Counts conversations (`bot.studio.drafts.census.Census`)."""

    async def look(self, *, wait: float = 3.0) -> Counted | None:
        """Give a count at most a minute old; the last one, or None, if it takes longer than `wait` s. May raise `StoreUnavailable`."""
        ...


class RevisionsLike(Protocol):
    """What is and was in force (`bot.conversation.keeping.library.StoreLibrary`). May raise `StoreUnavailable`."""

    async def look(self) -> Head | None:
        """Give what is in force and how it came to be; None if nothing is."""
        ...

    async def bundle(self, revision: str) -> Bundle:
        """Give what a revision holds; raises `KeyError`."""
        ...

    async def rollback(self, revision: str, *, by: str, why: str, onto: str | None = None, recalled: bool = False) -> None:
        """Put an older revision in force, only if `onto` still is, a recalled one only with `recalled`.

        Raises `KeyError`, `CannotRun`, `Stale`, `WasRecalled`.
        """
        ...

    async def recall(self, revision: str, *, by: str, why: str) -> None:
        """Move every conversation off this revision at its next turn; raises `KeyError` if unknown or in force, `Stale`."""
        ...


class StudioParts(Struct, frozen=True, kw_only=True):
    """What the pages of the studio are made of."""

    workshop: WorkshopLike
    bench: Bench
    revisions: RevisionsLike
    census: CensusLike
