"""A written conversation, told again on the phones: what it does becomes deeds, up to the line where it fails.

Rule 1: what it does is what the test does; what a preview cannot begin with (somebody back at a given hour) is taken as nobody there.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from bot.checks.chat import run_chat
from bot.checks.chatfile import BadChat, ChatFile, Line, minutes_of, read_chat
from bot.checks.player import MEDIA
from bot.flow.bundle import Bundle
from bot.studio.playing.deeds import MOST, Deed, Request
from bot.studio.playing.playable import playable


class Retold(Struct, frozen=True, kw_only=True):
    """A test on the phones. `state`: it `passed`, `failed` at `line` (`expected` was written, `said` came), is `unreadable` there, or the
    draft `stops` it from being run.
    """

    state: Literal["passed", "failed", "unreadable", "stops"]
    request: Request = Request()
    line: int = 0
    expected: str = ""
    said: str = ""


def retold(bundle: Bundle, path: str, language: str) -> Retold:
    """Tell this test again in a language; raises `KeyError` when there is none of that path."""
    text = bundle[path]
    try:
        chat = read_chat(text)
        request = _request(chat, language, 0)
        program = playable(bundle).program
        if program is None or playable(bundle).stops:
            return Retold(state="stops", request=request)
        result = run_chat(program, path, text, language)
        if result.passed:
            return Retold(state="passed", request=request)
        return Retold(
            state="failed", request=_request(chat, language, result.line), line=result.line, expected=result.expected, said=result.said
        )
    except BadChat as bad:
        return Retold(state="unreadable", line=bad.line, expected=bad.expected, said=bad.said)


def _request(chat: ChatFile, language: str, until: int) -> Request:
    """What the test does. `until`: the line it stops before; 0: its end."""
    head: Mapping[str, str] = {key: value for key, value, _ in chat.head}
    lines = [line for line in chat.lines if not until or line.number < until]
    deeds = [deed for line in lines if (deed := deed_of(line, language)) is not None]
    return Request(
        flow=head.get("flow", ""), languages=(language,), country=head.get("country", ""), at=head.get("at", ""),
        there="nobody" if "away" in head else "", verified=head.get("verified") == "all", deeds=tuple(deeds[:MOST]),
    )  # fmt: skip


def deed_of(line: Line, language: str) -> Deed | None:
    """What one line of a test does; None for a line that only looks. Raises `BadChat` where it cannot be read."""
    words = line.words
    if line.kind == "at":
        return Deed("clock", words)
    if line.kind != ">":
        return None
    if words.startswith("[") and words.endswith("]"):
        return Deed("presses", words[1:-1].strip())
    if words.startswith("(") and words.endswith(")"):
        return _special(line, words[1:-1].strip())
    return Deed("writes", words, language)


def _special(line: Line, what: str) -> Deed:
    word, _, rest = what.partition(" ")
    match word:
        case "starts" | "its":
            return Deed("starts" if word == "starts" else "rings")
        case "silence":
            return Deed("silent", minutes=minutes_of(line, rest))
        case "edits:":
            return Deed("edits", rest.strip())
        case "old":
            question, _, key = rest.partition(" ")
            return Deed("old", key.strip(), question=question)
        case _ if word in MEDIA:
            return Deed("sends", word)
        case _:
            return _staff(line, what)


def _staff(line: Line, what: str) -> Deed:
    words = what.split()
    match words:
        case ["staff:", *_]:
            return Deed("staff-writes", what.removeprefix("staff:").strip())
        case ["staff", "claims"]:
            return Deed("staff-claims")
        case ["staff", "closes", *rest]:
            return Deed("staff-closes", more=bool(rest))
        case ["staff", "hands", "back", *rest]:
            return Deed("staff-closes", rest[-1] if rest else "")
        case ["staff", "passes", "to", team, *rest]:
            return Deed("staff-passes", team, more=bool(rest))
        case _:
            raise BadChat(line.number, "something that is done", f"({what})")
