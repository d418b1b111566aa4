"""The compiled form of everything authors write: what the engine runs.

Rule 1: nothing here changes after it is made, and nothing here knows YAML.
Rule 2: every place a step can lead to is resolved; a name that does not exist cannot be expressed.
Rule 3: texts are ids; the sentences stand in `Program.texts`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bot.flow.answers import Answer, AnswerType
from bot.flow.directory import Directory
from bot.flow.replies import Reply
from bot.flow.service import Service
from bot.flow.teams import Teams
from bot.i18n.lexicon import Lexicon
from bot.i18n.texts import Texts

Urgency: TypeAlias = Literal["normal", "high", "now"]
Answers: TypeAlias = Mapping[str, Answer]
Builtin: TypeAlias = Callable[[str], str | None]
"""`language`, `now`, `heard`, `team.<team>` → their value now."""
Condition: TypeAlias = Callable[[Answers, Answers, Builtin], bool]
"""(own answers, shared answers, built-in names) → holds or not."""


@dataclass(frozen=True, slots=True)
class ToStep:
    """A place in the same flow: the index of the step."""

    index: int


@dataclass(frozen=True, slots=True)
class ToFlow:
    """Another flow, from its first step."""

    flow: str


@dataclass(frozen=True, slots=True)
class ToEnd:
    """This flow is over."""


@dataclass(frozen=True, slots=True)
class ToLeave:
    """Everything is over."""


Target: TypeAlias = ToStep | ToFlow | ToEnd | ToLeave


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBase:
    """What every step has. `key`: its name, or `#<index>` for a step without one. `id`: `flow.step`, the context of its text."""

    index: int
    key: str
    id: str
    when: Condition | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(StepBase):
    """Sends a text and goes on."""

    listen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(StepBase):
    """Waits for an answer."""

    type: AnswerType
    label: str | None = None  # id of the label
    skip: bool = False
    once: bool = False
    private: bool = False
    heard: bool = False
    otherwise: Target | None = None
    help: str | None = None  # id of the text said after a first wrong answer
    go: Mapping[str, Target]
    call: Mapping[str, str]
    listen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages(StepBase):
    """Texts one at a time; `pages` are their keys, each with the id `flow.step.key`."""

    pages: tuple[str, ...]
    listen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts(StepBase):
    """Shows rows of the directory and goes on. `country`: a fixed one, else the shared answer. `none`: id of the text when no row fits."""

    need: str
    country: str | None = None
    max: int = 3
    none: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(StepBase):
    """Asks for a yes to one recipient and exactly these answers. `to`: a team, a contact, or `me`. `keep_days`: how long they keep it.

    `labels`: id of the label of each answer in `shows`, in the same order (shared answers have theirs in the flow that asks).
    """

    to: str
    shows: tuple[str, ...]
    no: Target
    keep_days: int
    labels: tuple[str, ...] = ()
    listen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff(StepBase):
    """Puts a case in a team's queue and goes on. `consent`: key of the consent step it stands on; None = `to` alone, nothing shown."""

    team: str
    consent: str | None = None
    urgency: Urgency = "normal"
    after: Target


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a decision."""

    when: Condition | None
    go: Target
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(StepBase):
    """The first row that holds; the last has no condition."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Go(StepBase):
    """Continues elsewhere."""

    to: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(StepBase):
    """Runs a flow; at its end continues with the next step."""

    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(StepBase):
    """Gives an answer a fixed value."""

    answer: str
    to: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget(StepBase):
    """Forgets this flow's answers, reminders not sent, or everything."""

    what: Literal["answers", "reminders", "everything"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remind(StepBase):
    """One later message, only in safe hours and only on consent to `me`. `minutes`: when, from now."""

    minutes: int
    consent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class End(StepBase):
    """This flow is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave(StepBase):
    """Everything is over."""


Step: TypeAlias = Say | Ask | Pages | Contacts | Consent | Handoff | Decide | Go | Call | Set | Forget | Remind | End | Leave


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow. `at`: step key → index. `own`: type of each own answer. `shown`: own answers that a consent of this flow shows.

    `prints`: fingerprint (step id, kind, answer type, choice keys, source text) by step key, to know if a conversation may move.
    """

    name: str
    sensitive: bool
    only_from: tuple[str, ...] | None
    steps: tuple[Step, ...]
    at: Mapping[str, int]
    own: Mapping[str, AnswerType]
    shown: frozenset[str]
    prints: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DangerGroup:
    """A group of danger words: the flow it opens, and whether everything is dropped first."""

    name: str
    flow: str
    leave: bool


@dataclass(frozen=True, slots=True)
class Program:
    """All that the engine needs to run a conversation begun on `revision`.

    `flows`, `shared` and `service` are those of the revision the conversation began with, except the safety flows; `teams`,
    `directory`, `lexicon`, `danger` and `replies` are the ones in force now. `shared`: type of each shared answer.
    """

    revision: str
    service: Service
    flows: Mapping[str, Flow]
    shared: Mapping[str, AnswerType]
    teams: Teams
    directory: Directory
    lexicon: Lexicon
    danger: Mapping[str, DangerGroup]
    texts: Texts
    replies: Mapping[str, Reply] = field(default_factory=dict)
