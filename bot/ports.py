"""What a conversation needs from outside: Store, Channel, Library, Clock, Chance. Protocols; adapters do not inherit.

Rule 1: a Store sees sealed bytes and plain index fields, never a word, a name or a key.
Rule 2: one event is one `Commit`: all of it lands, or none of it. Sending comes after.
Rule 3: what can fail outside fails in the words of this file, and only these.
"""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from bot.flow.program import Program, Urgency

Person: TypeAlias = bytes
"""HMAC pseudonym of a channel identity (16 bytes): only finds rows, opens nothing."""


# ── the world's failures ───────────────────────────────────────────────────────────────────────────────────────────────
class Stale(Exception):
    """The person's version moved since it was loaded: load and step again."""


class AlreadySeen(Exception):
    """This event was committed before: drop it."""


class NotOurs(Exception):
    """This person's shard moved to another worker, which does what was in hand: drop it, and say nothing of it."""


class StoreUnavailable(Exception):
    """The store cannot promise durability now: confirm nothing, try again."""


class StoreTaken(Exception):
    """Another server process owns this store."""


class SendFailed(Exception):
    """A message did not go out. `reason`: a closed word. `retry_after`: seconds the channel asked for. `unknown`: it may have gone."""

    def __init__(self, reason: "Failure", *, retry_after: float | None = None, unknown: bool = False) -> None:
        super().__init__(reason)
        self.reason: Failure = reason
        self.retry_after = retry_after
        self.unknown = unknown


Failure: TypeAlias = Literal["slow-down", "network", "server", "person-left", "moved", "no-topic", "no-group", "refused", "too-old"]
FINAL: frozenset[str] = frozenset({"person-left", "refused", "too-old"})
"""Failures that no second try can mend."""


# ── rows ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
class Arrival(Struct, frozen=True):
    """One event to keep before it is confirmed. `event`: unique per person (channel's update id, a staff action's id, a timer's name)."""

    person: Person
    event: str
    sealed: bytes
    at: float


class Taken(Struct, frozen=True):
    """The head of one person's inbox. `tries`: how often it was handed out before."""

    row: int
    person: Person
    event: str
    sealed: bytes
    at: float
    tries: int


class Record(Struct, frozen=True):
    """All that is kept of a person. `version` 0 = nobody yet. `wraps`: their key, wrapped for each holder. `session`, `route`: sealed.

    `receipts`: sealed message ids of the last 48 h: the list of the last commit first, then one part for each row sent since."""

    version: int
    wraps: tuple[tuple[str, bytes], ...] = ()
    session: bytes | None = None
    route: bytes | None = None
    receipts: tuple[bytes, ...] = ()


class OutRow(Struct, frozen=True):
    """One message part to send. `lane`: `person` (in order, one in flight) or `group`. `case`: for staff to see its fate.

    `rank`: what goes first when not all may go: 0 = a human's words or a farewell, 1 = the flow's reply, 2 = a notice to many.
    """

    id: str
    sealed: bytes
    due: float
    lane: str = "person"
    case: str | None = None
    rank: int = 1


class Due(Struct, frozen=True):
    """An outbox row whose time has come and which is the head of its person's lane."""

    person: Person
    row: OutRow
    tries: int
    wraps: tuple[tuple[str, bytes], ...]


class Timer(Struct, frozen=True):
    """Wake this person with event `name` at `due`."""

    name: str
    due: float
    sealed: bytes


CaseState: TypeAlias = Literal["waiting", "claimed", "closed", "erased"]


class CaseIndex(Struct, frozen=True):
    """What the desk may ask of a case without opening it; nothing here names a person or a subject."""

    code: str
    team: str  # opaque team id
    urgency: Urgency
    state: CaseState
    since: float
    language: str
    claimant: str | None = None
    unread: int = 0
    unwritten: bool = False  # the person stopped: the answer box is locked


class CaseRecord(Struct, frozen=True):
    """A case as kept. `sealed`: its summary, under the case's key; `thread`: sealed entries in order of `n`."""

    index: CaseIndex
    person: Person
    version: int
    wraps: tuple[tuple[str, bytes], ...]
    sealed: bytes
    topic: bytes | None = None  # sealed place of its topic in the caseworkers' group
    closed_at: float | None = None


class ThreadEntry(Struct, frozen=True):
    """One sealed entry of a case's thread. `n`: 1, 2, 3 … in the case."""

    n: int
    at: float
    sealed: bytes


class CaseWrite(Struct, frozen=True):
    """A case as it should be after the commit, entries to add, and whether to erase it instead (index is kept as `erased`)."""

    index: CaseIndex
    wraps: tuple[tuple[str, bytes], ...]
    sealed: bytes
    version: int  # the version it was loaded with; 0 = new
    add: tuple[bytes, ...] = ()
    topic: bytes | None = None
    erase: bool = False
    keep_until: float | None = None


class Audit(Struct, frozen=True):
    """Who did what, naming a random life or a case code, never a person. `actor`: `person`, `bot`, `staff:<id>`, `operator`."""

    at: float
    actor: str
    verb: str
    about: str


class Commit(Struct, frozen=True, kw_only=True):
    """Everything one event changes about one person. `taken`: the inbox row this answers (None for work without one).

    `erase`: destroy keys, session, outbox, timers, inbox of the person first; then `outbox` (the farewell, under its one-time key in
    `farewell_wraps`) is written."""

    person: Person
    version: int
    event: str
    taken: int | None
    wraps: tuple[tuple[str, bytes], ...] = ()
    session: bytes | None = None
    route: bytes | None = None
    outbox: tuple[OutRow, ...] = ()
    timers: tuple[Timer, ...] = ()
    drop_timers: bool = False
    case: CaseWrite | None = None
    audit: tuple[Audit, ...] = ()
    erase: bool = False
    farewell_wraps: tuple[tuple[str, bytes], ...] = ()
    receipts: bytes | None = None  # sealed list that takes the place of the first `folds` parts of `Record.receipts`; None = of none
    folds: int = 0  # parts that were added since the record was loaded stay behind the list
    expires: float | None = None  # when the session ends by itself (24 h); the route 7 days after


class Sent(Struct, frozen=True):
    """What became of an outbox row. `retry_at` None and `failed` None = sent. `receipt`: sealed message id, added to `Record.receipts`."""

    person: Person
    id: str
    at: float
    receipt: bytes | None = None
    retry_at: float | None = None
    failed: Failure | None = None
    topic: tuple[str, bytes] | None = None  # (case code, sealed place): binds a case's topic in the same commit


class Note(Struct, frozen=True):
    """A small sealed thing with a name, a version and an end: a mailbox row, a staff account, a web session, a poller's offset."""

    key: str
    value: bytes
    version: int
    expires: float | None


# ── ports ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
class Store(Protocol):
    """Durable, ordered, atomic. Every write returns after it is on disk; every method may raise `StoreUnavailable`.

    A worker takes and sends only for shards it holds: `commit`, `settle`, `quarantine` of another's raise `NotOurs`.
    """

    async def open(self) -> None:
        """Open or create the store; raises `StoreTaken` if another server process owns it."""

    async def close(self) -> None:
        """Finish what is in hand and close; nothing is lost by not calling it."""

    async def accept(self, arrivals: Sequence[Arrival]) -> Sequence[bool]:
        """Keep these in order; True = new, False = seen in the last 48 h."""

    async def take(self, limit: int) -> Sequence[Taken]:
        """Give heads of inboxes of persons who have nothing in hand, oldest first, and mark them in hand (tries grows, durably)."""

    async def release(self, rows: Sequence[int]) -> None:
        """Put taken rows back unworked."""

    async def quarantine(self, row: int, sealed: bytes | None, at: float) -> None:
        """Put an inbox row aside, sealed, for 24 h; with None only drop it. The person's next row becomes the head."""

    async def put_aside(self, sealed: bytes, at: float) -> None:
        """Keep for 24 h, sealed, something that could not even be tied to a person."""

    async def load(self, person: Person) -> Record:
        """Give what is kept of this person; version 0 if nothing."""

    async def commit(self, commit: Commit) -> int:
        """Land all of it or nothing; gives the new version. Raises `Stale`, `AlreadySeen`, `NotOurs`."""

    async def due(self, now: float, limit: int) -> Sequence[Due]:
        """Give heads of lanes whose time has come and that are not in flight, by rank, then by time, and mark them in flight."""

    async def settle(self, results: Sequence[Sent]) -> None:
        """Record what became of rows in flight; a failed row leaves the lane, a retried one stays its head."""

    async def timers_due(self, now: float, limit: int) -> Sequence[Arrival]:
        """Move timers whose time has come into inboxes (as arrivals, durable, once) and give them."""

    async def cases(
        self, *, states: Sequence[CaseState], teams: Sequence[str] | None, since: float = 0.0, limit: int = 200
    ) -> Sequence[CaseIndex]:
        """Give case indexes: most urgent first, then longest waiting."""

    async def case(self, code: str) -> CaseRecord | None:
        """Give one case, or None if there is none of this code (an erased one has state `erased` and empty seals)."""

    async def cases_of(self, person: Person) -> Sequence[str]:
        """Give the codes of all cases kept of this person, closed ones too, oldest first."""

    async def thread(self, code: str, after: int = 0, limit: int = 200) -> Sequence[ThreadEntry]:
        """Give a case's entries with `n` > `after`, in order."""

    async def note(self, space: str, key: str) -> Note | None:
        """Give a note that has not expired."""

    async def notes(self, space: str, prefix: str = "", after: str = "", limit: int = 500) -> Sequence[Note]:
        """Give notes of a space by key prefix, keys greater than `after`, in order of key."""

    async def put_note(self, space: str, key: str, value: bytes | None, *, version: int | None = None, expires: float | None = None) -> int:
        """Write (or with None delete) a note; `version` given = only if it still has that version (0 = absent), else raises `Stale`."""

    async def audit(self, after: int = 0, limit: int = 500) -> Sequence[tuple[int, Audit]]:
        """Give the audit trail in order."""

    async def sweep(self, now: float) -> int:
        """Remove what has outlived its time (sessions, routes, receipts, seen ids, quarantine, closed cases); gives how many rows."""

    async def counts(self) -> "StoreCounts":
        """Give sizes for metrics and `doctor`."""

    async def people(self, after: Person = b"", limit: int = 1000) -> Sequence[Person]:
        """Give pseudonyms in order (for `forget`, key rotation, counting)."""


class StoreCounts(Struct, frozen=True):
    """How many rows of each kind, and the time the oldest inbox row arrived (None = empty)."""

    people: int
    inbox: int
    outbox: int
    timers: int
    cases_waiting: int
    cases_claimed: int
    quarantine: int
    oldest_inbox: float | None
    shards: int = 1
    held: int = 1  # shards that this process holds


# ── channels ───────────────────────────────────────────────────────────────────────────────────────────────────────────
class OutButton(Struct, frozen=True):
    """A button as it leaves: its words, and the data a press brings back (life, turn, key), at most 64 bytes once packed."""

    label: str
    data: str


class OutCard(Struct, frozen=True):
    """A contact as it leaves, in the person's language."""

    name: str
    numbers: tuple[str, ...]
    chats: tuple[str, ...]
    emails: tuple[str, ...]
    lines: tuple[str, ...]
    may_follow: str
    checked: str
    verified: bool = False  # someone rang it; else `checked` says that nobody has


class Outgoing(Struct, frozen=True):
    """One message part, rendered. `text` holds everything, cards too; `cards` repeats them for channels that draw them.

    `kind`: `bot`, `human` (a caseworker's words), `farewell`, `topic` (create a topic), `post` (in the caseworkers' group),
    `remove` (delete `remove_ids`), `keyboard`.
    """

    kind: Literal["bot", "human", "farewell", "topic", "post", "remove", "keyboard"]
    language: str
    text: str = ""
    id: str = ""
    buttons: tuple[OutButton, ...] = ()
    cards: tuple[OutCard, ...] = ()
    keyboard: Literal["show", "hide"] | None = None
    keyboard_labels: tuple[str, ...] = ()
    remove_ids: tuple[str, ...] = ()
    replaces: str | None = None  # message id whose buttons this answer ends
    edit: bool = False  # put this in the place of that message where the channel can (the next page of the same step)
    case: str | None = None
    actions: tuple[OutButton, ...] = ()  # staff buttons under a post
    spoiler: str = ""  # a person's words under a post, hidden until touched
    listen: str | None = None  # id of a recording that may exist
    who: Literal["bot", "waiting", "human"] | None = None  # who has the conversation after this message, for channels that show it


class Receipt(Struct, frozen=True):
    """What the channel says of a sent message: its id there; for a topic, the topic's id."""

    message: str | None = None
    topic: str | None = None


class Channel(Protocol):
    """One way to reach a person. `name`: first part of every channel identity (`telegram`, `web`, `terminal`)."""

    name: str

    async def send(self, route: str, message: Outgoing) -> Receipt:
        """Send to the route (what the channel itself gave on arrival); raises `SendFailed`."""


class Library(Protocol):
    """Where revisions of the flows are: immutable bundles named by hash."""

    def current(self) -> Program:
        """Give the program in force."""

    def program(self, revision: str) -> Program | None:
        """Give the structure of that revision with what is live at once (teams, directory, words, safety flows), or None if unknown."""


class Clock(Protocol):
    """Time as an input."""

    def now(self) -> float:
        """Give UTC seconds."""

    def steady(self) -> float:
        """Give seconds that never jump."""


Chance: TypeAlias = Callable[[int], str]  # gives so many random letters and digits
