"""What the phones of a preview show: plain values, so that a page can be drawn of them and another process can make them.

Rule 1: nothing here is guessed: every word was rendered by the engine's own renderer, in the language of that phone.
"""

from typing import Final, Literal

from msgspec import Struct

from bot.engine.render import RenderedCard
from bot.i18n.merge import State
from bot.studio.bundle.judging import Finding
from bot.studio.playing.playable import Stop

HEAVIEST: Final = 64
"""Bytes that a button of Telegram carries."""
Who = Literal["bot", "waiting", "human"]


class Part(Struct, frozen=True, kw_only=True):
    """One whole text of a message. `raw`: as it is written, places in braces; `said`: as it is read. `source`: what it is translated from.

    `state`: `done`, `stale`, `missing` in this language, or `fixed` where nobody can write it here. `length`, `most`: characters.
    """

    id: str
    said: str
    raw: str = ""
    source: str = ""
    state: State | Literal["fixed"] = "fixed"
    kind: str = ""
    length: int = 0
    most: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def is_long(self) -> bool:
        """Whether it is longer than it may be."""
        return 0 < self.most < self.length

    @property
    def other(self) -> tuple[Finding, ...]:
        """What is to mend beside its length."""
        return tuple(finding for finding in self.findings if finding.rule != "too-long-for-channel" or not self.is_long)


class Choice(Struct, frozen=True, kw_only=True):
    """A button. `digit`: typing it does the same (0: a global word). `data`: bytes of what a press carries. `open`: it can be pressed."""

    key: str
    digit: int
    label: Part
    data: int
    glob: bool = False
    chosen: bool = False

    @property
    def is_heavy(self) -> bool:
        """Whether Telegram does not take it."""
        return self.data > HEAVIEST


class Measure(Struct, frozen=True, kw_only=True):
    """How long a message is: characters, UTF-16 units, bytes; in how many messages Telegram sends it."""

    characters: int
    units: int
    size: int
    telegram: int = 1


class Meaning(Struct, frozen=True):
    """What typed words were taken for (`bot.engine.step.meaning`): the kind, the key, and the key as it reads in this language."""

    kind: str
    key: str = ""
    label: str = ""


class Note(Struct, frozen=True):
    """Something that happened beside the messages: `case`, `claimed`, `closed`, `passed`, `do-not-write`, `reminder`, `alert`, `erased`,
    `silence`, `clock`, `removed`, `starts`, `stopped`; `about` names it, `values` say more
    (of a case its urgency, then each field as label, tab, value).
    """

    kind: str
    about: str = ""
    values: tuple[str, ...] = ()
    n: int = 0


class Bubble(Struct, frozen=True, kw_only=True):
    """One message, or what happened between. `deed`: number of the deed it came of. `id`: of the message, as tests name it.

    `locked`: what a locked screen shows of it. `unkind`: words there that a sensitive flow must not show.
    """

    who: Literal["bot", "me", "human", "note"]
    deed: int
    language: str
    id: str = ""
    flow: str = ""
    step: str = ""
    word: str = ""
    sensitive: bool = False
    parts: tuple[Part, ...] = ()
    choices: tuple[Choice, ...] = ()
    cards: tuple[RenderedCard, ...] = ()
    measure: Measure | None = None
    locked: str = ""
    unkind: tuple[str, ...] = ()
    listen: bool = False
    words: str = ""
    pressed: str = ""
    meaning: Meaning | None = None
    note: Note | None = None


class Refused(Struct, frozen=True):
    """A deed that no longer fits: its number from 0, what could be done there, and what was to be done."""

    deed: int
    expected: str
    said: str


class Phone(Struct, frozen=True, kw_only=True):
    """One phone. `language`: it was set to; `now`: it is spoken to. `open`: number of the bubble whose buttons can be pressed (-1: none).

    `at`: its local time. `flow`, `step`: where it stands. `words`: the global words with their labels. `refused`: it stopped at this deed.
    """

    language: str
    now: str
    who: Who
    bubbles: tuple[Bubble, ...]
    at: str
    open: int = -1
    flow: str = ""
    step: str = ""
    over: bool = False
    words: tuple[tuple[str, str], ...] = ()
    held: tuple[str, ...] = ()
    case: str = "none"
    reminders: tuple[str, ...] = ()
    refused: Refused | None = None


class Desk(Struct, frozen=True):
    """A team at that moment, in that country: `open`, `closed` or `nobody` is there."""

    team: str
    name: str
    state: Literal["open", "closed", "nobody"]


class Screens(Struct, frozen=True, kw_only=True):
    """Everything a preview shows. `phones` is empty when nothing of the draft can be played; `stops` says why it is not whole.

    `flows`: name and title of all, in order of the files; `broken`: those that cannot be played. `at`: local time of the first moment.
    Names of countries, teams and global words stand in the language of who looks.
    """

    revision: str
    phones: tuple[Phone, ...]
    flow: str
    first: str
    at: str
    country: str
    languages: tuple[str, ...]
    flows: tuple[tuple[str, str], ...]
    countries: tuple[tuple[str, str], ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    desks: tuple[Desk, ...] = ()
    stops: tuple[Stop, ...] = ()
    broken: tuple[str, ...] = ()
