"""What is done in a preview: by the person, by time, by staff; values that can be sent, kept and played again.

Rule 1: a preview is all its deeds from the first moment on; nothing is kept of it anywhere.
Rule 2: words go to the phone they were typed in; another phone gets what they meant there, or the same words where they meant no choice.
"""

from typing import Literal

from msgspec import Struct

from bot.checks.player import GLOBAL, MEDIA, CannotDo, Player, moment
from bot.engine.events import Said
from bot.engine.step import meaning
from bot.flow.answers import SKIPPED
from bot.studio.playing.screens import Meaning

Do = Literal[
    "starts", "writes", "presses", "sends", "edits", "old", "silent", "clock", "rings", "staff-writes", "staff-claims", "staff-closes",
    "staff-passes",
]  # fmt: skip
MOST: int = 400
"""Deeds of one preview."""
LONGEST: int = 4000
"""Characters that a person can send at once."""


class Deed(Struct, frozen=True, omit_defaults=True):
    """One deed. `words`: what is written; the key pressed; the kind of thing sent; the local time; the flow or team.

    `language`: of the phone it was done in. `question`: whose old button is pressed. `more`: asks later, or agreed.
    """

    do: Do
    words: str = ""
    language: str = ""
    minutes: int = 0
    question: str = ""
    more: bool = False


class Request(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be shown. `flow`: empty = first contact. `country`: `?` = the first that is served, where a flow is given.

    `at`: local time as `2026-11-23 10:00`; empty = `now` (UTC seconds), or with none a Monday at ten. `reader`: language of who looks.

    `there`: who is at the desk: nothing = as the hours say at that time; `open`, `closed` = the next time that is so; `nobody`.
    `verified`: all contacts count as verified that day. `known`: shared answers that were given before.
    `deeds`: what was done so far, in order.
    """

    flow: str = ""
    languages: tuple[str, ...] = ()
    country: str = ""
    at: str = ""
    there: Literal["", "open", "closed", "nobody"] = ""
    verified: bool = False
    known: dict[str, str] = {}
    now: float = 0.0
    reader: str = ""
    deeds: tuple[Deed, ...] = ()


def do(player: Player, deed: Deed, number: int, meant: Meaning | None = None) -> None:
    """Do it. `meant`: what the words meant in the phone they were typed in, if that is another; raises `CannotDo`."""
    player.begins(number)
    if deed.do.startswith("staff-"):
        _staff(player, deed)
    elif deed.do in {"starts", "silent", "clock", "rings"}:
        _time(player, deed)
    else:
        _person(player, deed, meant)


def _person(player: Player, deed: Deed, meant: Meaning | None) -> None:
    match deed.do:
        case "writes":
            _write(player, deed, meant)
        case "presses":
            player.presses(deed.words)
        case "sends":
            if deed.words not in MEDIA:
                raise CannotDo(", ".join(MEDIA), deed.words)
            player.sends(deed.words)
        case "edits":
            player.corrects(deed.words)
        case _:
            player.presses_old(deed.question, deed.words)


def _time(player: Player, deed: Deed) -> None:
    match deed.do:
        case "starts":
            player.starts()
        case "silent":
            player.is_silent(deed.minutes)
        case "clock":
            _move(player, deed.words)
        case _:
            player.rings()


def understood(player: Player, words: str) -> Meaning:
    """What these words would be taken for now."""
    event = Said(text=words, at=player.at + 1, nonce="")
    kind, key = meaning(player.program, player.session, event, player.away)
    if isinstance(key, tuple | list):
        return Meaning(kind, " ".join(key))
    return Meaning(kind, "skip" if key == SKIPPED else str(key))


def _write(player: Player, deed: Deed, meant: Meaning | None) -> None:
    kind, key = ("", "") if meant is None else (meant.kind, meant.key)
    if (kind == "answer" and key in player.shown[1]) or (kind == "word" and key in GLOBAL):
        player.presses(key)
    else:
        player.says(deed.words)


def _move(player: Player, words: str) -> None:
    try:
        player.moves_to(moment(player.program, player.country, words))
    except ValueError:
        raise CannotDo("a time as 2026-11-20 23:10", words) from None


def _staff(player: Player, deed: Deed) -> None:
    if not player.case:
        raise CannotDo("an open case", "there is none")
    match deed.do:
        case "staff-writes":
            player.staff_writes(deed.words)
        case "staff-claims":
            player.staff_claims()
        case "staff-closes":
            player.staff_closes(flow=deed.words, asks_later=deed.more)
        case _:
            player.staff_passes(deed.words, agreed=deed.more)
