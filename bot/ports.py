"""What a conversation needs from outside: Store, Channel, Library, Clock, Chance. Protocols; adapters do not inherit.

Rule 1: a Store sees sealed bytes and plain index fields, never a word, a name or a key.
Rule 2: one event is one `Commit`: all of it lands, or none of it. Sending comes after.
Rule 3: what can fail outside fails in the words of this file, and only these.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from bot.flow.program import Program, Urgency

Person: TypeAlias = bytes  # HMAC pseudonym of a channel identity (16 bytes): only finds rows, opens nothing
CaseState: TypeAlias = Literal["waiting", "claimed", "closed", "erased"]
Chance: TypeAlias = Callable[[int], str]  # gives so many random letters and digits


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
        self.reason, self.retry_after, self.unknown = reason, retry_after, unknown


Failure = Literal["slow-down", "network", "server", "person-left", "moved", "no-topic", "no-group", "no-rights", "refused", "too-old"]
FINAL: frozenset[str] = frozenset({"person-left", "refused", "too-old"})  # no second try can mend these


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
    """All that is kept of a person. `version` 0 = nobody yet. `wraps`: their key, wrapped for each holder. `session`, `route`: sealed."""

    version: int
    wraps: tuple[tuple[str, bytes], ...] = ()
    session: bytes | None = None
    route: bytes | None = None
    receipts: tuple[bytes, ...] = ()  # sealed message ids of 48 h: the list of the last commit, then a part for each row sent since
    ends: float | None = None  # when the session ends by itself (`Commit.expires`)


class OutRow(Struct, frozen=True):
    """One message part to send. `lane`: `person`, `page` or `notice` (to the person), `group`; each lane of a person keeps its order."""

    id: str
    sealed: bytes
    due: float  # since when: it says who goes first, and holds nothing back (ADR 16)
    lane: str = "person"
    case: str | None = None  # for staff to see its fate
    rank: int = 1  # when not all may go: 0 = a human's words or a farewell, 1 = the bot's, 2 = a notice


class Due(Struct, frozen=True):
    """An outbox row that does not rest and is the head of its person's lane."""

    person: Person
    row: OutRow
    tries: int
    wraps: tuple[tuple[str, bytes], ...]


class Timer(Struct, frozen=True):
    """Wake this person with event `name` at `due`."""

    name: str
    due: float
    sealed: bytes


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
    asked: float = 0.0  # since when the person waits for an answer (`since`: in this team's queue); 0 = nobody waits
    answered: bool = False  # the claimant has written
    step: int = 0  # alerts given while nobody claimed it
    tags: tuple[str, ...] = ()  # blind (`Vault.tag`)
    face: int = 0  # grows when what a queue shows of the sealed file (need, country, hours) changes
    first: float = 0.0  # when its present team first answered; 0 = it has not


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
    """Everything one event changes about one person. Wraps are taken for whoever has none yet, and change by rewrapping alone."""

    person: Person
    version: int
    event: str
    taken: int | None  # the inbox row this answers; None for work without one
    wraps: tuple[tuple[str, bytes], ...] = ()
    session: bytes | None = None
    route: bytes | None = None
    outbox: tuple[OutRow, ...] = ()
    timers: tuple[Timer, ...] = ()
    drop_timers: bool = False
    case: CaseWrite | None = None
    audit: tuple[Audit, ...] = ()
    erase: bool = False  # destroy keys and all rows of the person first; then write `outbox` (the farewell, under `farewell_wraps`)
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


class Store(Protocol):
    """Durable, ordered, atomic: what returned is on disk. All may raise `StoreUnavailable`; work on the shard of another `NotOurs`."""

    async def open(self) -> None:
        """Open or create the store; raises `StoreTaken` if another server process owns it."""

    async def close(self) -> None:
        """Finish what is in hand and close; nothing is lost by not calling it."""

    async def accept(self, arrivals: Sequence[Arrival]) -> Sequence[bool]:
        """Keep these in order; True = new, False = seen in the last 48 h."""

    async def take(self, limit: int) -> Sequence[Taken]:
        """Give heads of inboxes of persons who have nothing in hand, oldest first, and mark them in hand (tries grows, durably)."""

    async def release(self, rows: Sequence[int]) -> None:
        """Put taken rows back unworked; that is no try."""

    async def quarantine(self, row: int, sealed: bytes | None, at: float) -> None:
        """Put an inbox row aside, sealed, for 24 h; with None only drop it. The person's next row becomes the head."""

    async def put_aside(self, sealed: bytes, at: float) -> None:
        """Keep for 24 h, sealed, something that could not even be tied to a person."""

    async def load(self, person: Person) -> Record:
        """Give what is kept of this person; version 0 if nothing."""

    async def commit(self, commit: Commit) -> int:
        """Land all of it or nothing; gives the new version. Raises `Stale`, `AlreadySeen`, `NotOurs`."""

    async def due(self, now: float, limit: int, lanes: Mapping[str, int] | None = None) -> Sequence[Due]:
        """Give heads of lanes not in flight nor resting (ADR 16), by rank, then time; they are in flight then. `lanes`: so many of each."""

    async def postpone(self, rows: Sequence[tuple[Person, str, float]]) -> None:
        """Put rows in flight (person, id) back untried, not to be given before this time; kept in memory only."""

    async def behind(self, person: Person, id_: str, limit: int) -> Sequence[OutRow]:
        """Give the rows that stand in the lane behind one in flight, in order: several may go as one."""

    async def held(self, lane: str) -> tuple[float, int]:
        """Give the part of all people that this process works for (0 to 1), and how many outbox rows they have in lanes of this name."""

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
    """One message part, rendered. `text` holds everything, cards too; `cards` repeats them for channels that draw them."""

    kind: Literal["bot", "human", "farewell", "topic", "title", "post", "remove", "keyboard", "letter"]  # human: of a caseworker
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
    hidden: tuple[tuple[int, int], ...] = ()  # stretches of a post's text that are hidden until touched, in UTF-16 units


class Receipt(Struct, frozen=True):
    """What the channel says of a sent message: its id there; for a topic, the topic's id."""

    message: str | None = None
    topic: str | None = None


class Pace(Struct, frozen=True):
    """How fast a channel may be used: `most` messages in any `seconds` (0: any number); to one person `burst`, then `each` a second."""

    most: int = 0
    seconds: float = 1.0
    burst: int = 10
    each: float = 1.0


class Channel(Protocol):
    """One way to reach a person. `name`: first part of every channel identity (`telegram`, `web`, `terminal`)."""

    name: str
    pace: Pace

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
