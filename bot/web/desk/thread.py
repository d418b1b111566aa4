"""The thread of a case as staff read it: pure, from its entries and the time.

Rule 1: a person's text is shown as typed, less signs that can hide or turn it; what was taken out is said.
Rule 2: only the machine makes lines that look like the machine's: a person's words are always inside their own block.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.cases.desk import CasePage, Entry
from bot.conversation.keeping.envelope import Later
from bot.web.desk.eye import Eye
from bot.web.wording.desk import DESK

_KEPT_FORMAT = "\u200c\u200d"  # joiners belong to the spelling of some words and signs
_UNSEEN = ("Cc", "Cf", "Co", "Cn", "Zl", "Zp")
PLAYED = ("photo", "voice", "file")
"""What can be opened from the thread."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a thread. `day`: the date, where another day begins. `stripped`: how many hidden signs were taken out.

    `media`: what can be opened. `edits`: the entry it corrects. `later`: when an answer that was put off goes. `theirs`: the same in
    the person's language. `own`: words of the reader.
    `fate`: what became of an answer, `fated` in words: no more than the channel has told.
    """

    n: int
    kind: str
    text: str
    by: str
    time: str
    day: str = ""
    stripped: int = 0
    media: str = ""
    edits: int = 0
    theirs: str = ""
    own: bool = False
    fate: str = ""
    fated: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer that waits for its hour."""

    id: str
    text: str
    by: str
    when: str


def lines(page: CasePage, eye: Eye) -> list[Line]:
    """Give the entries of this page as lines; the first of each day says which day it is."""
    found: list[Line] = []
    last = eye.day(eye.now)
    for entry in page.entries:
        day = eye.day(entry.at)
        found.append(_line(entry, eye, "" if day == last else day, page.channel))
        last = day
    return found


def waiting(page: CasePage, eye: Eye) -> list[Waiting]:
    """Give the answers that were put off, in the order in which they go."""
    put_off = sorted(page.later, key=lambda one: one.at)
    return [Waiting(one.id, clean(_words(one, eye))[0], one.by, eye.clock(one.at, page.country)) for one in put_off]


def _words(one: Later, eye: Eye) -> str:
    texts, reply = eye.program.texts, f"replies.{one.reply}"
    return texts.say(reply, eye.language) if one.reply and texts.has(reply) else one.text


def notes(page: CasePage, eye: Eye) -> list[Line]:
    """Give the team's notes, the latest first."""
    return [_line(entry, eye, "") for entry in reversed(page.notes)]


def _line(entry: Entry, eye: Eye, day: str, channel: str = "") -> Line:
    text, stripped = clean(entry.text)
    media = ""
    if entry.media is not None:
        media = entry.media if entry.media in PLAYED and entry.file else ""
        text = eye.say(f"desk.media.{entry.media}")
    elif entry.kind == "state":
        text = event(entry, eye)
    return Line(
        n=entry.n, kind=entry.kind, text=text, by=entry.by, time=eye.hours(entry.at), day=day, stripped=stripped, media=media,
        edits=entry.edits, theirs=clean(entry.theirs)[0], own=entry.kind == "staff" and entry.by == eye.staff.name,
        fate=entry.fate, fated=_fated(entry, eye, channel),
    )  # fmt: skip


def _fated(entry: Entry, eye: Eye, channel: str) -> str:
    """Say what became of an answer: Telegram tells that it took it and no more; a page tells when it has fetched it."""
    if not entry.fate:
        return ""
    way = "page" if channel == "web" else "telegram"
    text_id = f"desk.fate.given.{way}" if entry.fate == "given" else f"desk.fate.{entry.fate}"
    return eye.say(text_id, time=eye.clock(entry.fate_at))


def event(entry: Entry, eye: Eye) -> str:
    """Give the sentence of a state: who did what to the case."""
    text_id = f"desk.event.{entry.text}"
    if text_id not in DESK:
        return eye.say("desk.event.other")
    about = _about(entry, eye)
    if entry.text == "alerted" and about:
        return eye.say("desk.event.alerted-to", about=about)
    return eye.say(text_id, name=about if entry.text == "assigned" else entry.by, about=about)


def _about(entry: Entry, eye: Eye) -> str:
    if not entry.about:
        return ""
    match entry.text:
        case "moved" | "passed":
            return eye.team(entry.about)
        case "closed":
            return eye.say(f"desk.outcome.{entry.about}") if f"desk.outcome.{entry.about}" in DESK else entry.about
        case "handed-back":
            return eye.need(entry.about)
        case "alerted":
            return eye.say(f"desk.told.{entry.about}") if entry.about in ("second-line", "on-call") else _told(entry.about, eye)
        case _:
            return entry.about


def _told(team: str, eye: Eye) -> str:
    return eye.say("desk.told.team", team=eye.team(team)) if eye.rules(team) is not None else ""


def clean(text: str) -> tuple[str, int]:
    """Give the text without control and direction signs, and how many were taken out."""
    kept = "".join(c for c in text if c in "\n\t" or c in _KEPT_FORMAT or unicodedata.category(c) not in _UNSEEN)
    return kept, len(text.replace("\r\n", "\n")) - len(kept)


def spans(found: Sequence[Line], page: CasePage) -> tuple[int, int]:
    """Give the number before which older lines can be read, and after which newer ones; 0 where there are none."""
    if not found:
        return 0, 0
    return (found[0].n if found[0].n > page.first else 0), (found[-1].n if found[-1].n < page.total else 0)
