"""The phones of a preview as a page draws them: words around them in the author's language, words on them in their own.

Rule 1: what a phone says is drawn as it came; only what stands beside it is said here.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from bot.i18n.bidi import FSI, PDI
from bot.i18n.names import day_name
from bot.studio.bundle.judging import Finding
from bot.studio.mending.explain import EXPLAINED
from bot.studio.playing.playable import Stop
from bot.studio.playing.screens import Bubble, Meaning, Note, Part, Phone, Screens
from bot.studio.playing.ways import End
from bot.studio.showing.slow import TWO_G
from bot.web.pages import LANGUAGES, Pages
from bot.web.studio.phone_weight import Weight, page_weight, turn_weight

Say = Callable[..., str]
_ABOUT: Final = frozenset({"clock", "case", "case-moved", "case-more", "passed"})
"""Notes that name what they are about."""
_OFFERED: Final = ("back", "repeat", "menu", "language", "privacy", "erase")
"""Global words that stand as buttons beside the phones; the others are on them."""


class Slow(NamedTuple):
    """How long it takes on 2G: the page, each turn by the place of its last bubble, and the line it was reckoned for."""

    page: str
    turns: Mapping[int, str]
    line: str


class PhoneView(NamedTuple):
    """What is drawn around one phone. `say`: words of the chat page; `text`: texts of the service; both in its language."""

    name: str
    say: Say
    text: Say
    locked: str
    refused: str
    slow: Slow | None


class EndView(NamedTuple):
    """One end of a flow as it is listed. `name`: of its kind in the wording; `closed`: it comes once staff have closed the case."""

    end: End
    name: str
    when: str
    closed: bool
    known: str

    @classmethod
    def of(cls, end: End) -> "EndView":
        """The view of an end."""
        request = end.request
        name = "circle-cut" if end.kind == "circle" else "leave-in" if end.kind == "leave" and end.to else end.kind
        known = ", ".join(f"{answer}: {value}" for answer, value in request.known.items())
        return cls(end, name, request.there, any(deed.do == "staff-closes" for deed in request.deeds), known)


def views(pages: Pages, screens: Screens, language: str, *, slow: bool) -> list[PhoneView]:
    """What is drawn around each phone."""
    return [_view(pages, phone, language, slow=slow) for phone in screens.phones]


def _view(pages: Pages, phone: Phone, language: str, *, slow: bool) -> PhoneView:
    own, labels = phone.language, dict(phone.words)

    def say(text_id: str, **values: str | int) -> str:
        return pages.words(text_id, own, **values)

    def text(text_id: str) -> str:
        return labels.get(text_id.removeprefix("bot."), "")

    came = [bubble for bubble in phone.bubbles if bubble.locked]
    name = pages.words(f"studio.phone.of.{own}", language) if own in LANGUAGES else pages.words("studio.phone.of", language, tongue=own)
    return PhoneView(
        name=name,
        say=say,
        text=text,
        locked=came[-1].locked if came and came[-1].deed == phone.bubbles[-1].deed else "",
        refused=phone.refused.said if phone.refused is not None else "",
        slow=_slow(pages, phone, text, language) if slow else None,
    )


def note_of(pages: Pages, language: str) -> Callable[[Note], str]:
    """How a note reads in the author's language."""
    return lambda note: _note(note, lambda text_id, **values: pages.words(text_id, language, **values), language)


def _note(note: Note, t: Say, language: str) -> str:
    name = f"studio.phone.note.{note.kind}"
    match note.kind:
        case "silence":
            hours = note.n >= 60 and not note.n % 60
            return str(t(f"{name}.{'hours' if hours else 'minutes'}", n=note.n // 60 if hours else note.n))
        case "reminder":
            return str(t(name, when=moment_of(note.values[0], language)))
        case "alert":
            return str(t(f"{name}.{note.about}"))
        case "stopped":
            return str(t(name, about=note.values[0]))
        case _:
            about = moment_of(note.about, language) if note.kind == "clock" else f"{FSI}{note.about}{PDI}"
            return str(t(name, **({"about": about} if note.kind in _ABOUT else {})))


def meant_of(pages: Pages, language: str) -> Callable[[Meaning], str]:
    """How a meaning reads in the author's language."""
    return lambda meaning: pages.words(f"studio.phone.meant.{meaning.kind}", language, what=meaning.label or meaning.key)


def stop_of(pages: Pages, language: str) -> Callable[[Stop], tuple[str, str]]:
    """What a problem that stops the draft is, and what to do, in the author's language."""

    def said(stop: Stop) -> tuple[str, str]:
        rule = stop.rule if stop.rule in EXPLAINED else "other"
        return pages.words(f"explain.{rule}", language), pages.words(f"explain.{rule}.do", language)

    return said


def rule_of(pages: Pages, language: str) -> Callable[[Part, Finding], str]:
    """How something to mend reads in the author's language, as in the table of texts."""

    def said(part: Part, one: Finding) -> str:
        word = part.raw[one.start : one.end] or one.word
        rule = f"texts.rule.{one.rule}" + (".vowel" if one.rule == "gender" and not one.word else "")
        return pages.words(rule, language, word=f"{FSI}{word}{PDI}", n=one.n, most=one.most)

    return said


def moment_of(words: str, language: str) -> str:
    """A local time as `2026-11-20 23:10`, with its day; the words themselves where they are none."""
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        return words
    return f"{day_name(at.weekday(), language)} {at:%d/%m %H:%M}"


def _slow(pages: Pages, phone: Phone, text: Say, language: str) -> Slow:
    page = page_weight(pages, phone.language, text)
    turns = {place: _said(pages, "studio.phone.slow.turn", weight, language) for place, weight in _turns(pages, phone.bubbles)}
    line = pages.words(
        "studio.phone.slow.line", language, down=TWO_G.down // 1000, up=TWO_G.up // 1000, trip=_number(TWO_G.trip, language)
    )  # fmt: skip
    return Slow(_said(pages, "studio.phone.slow.page", page.whole, language), turns, line)


def _turns(pages: Pages, bubbles: Sequence[Bubble]) -> list[tuple[int, Weight]]:
    """What each turn weighs, by the place of its last message."""
    found: dict[int, list[tuple[int, Bubble]]] = {}
    for place, bubble in enumerate(bubbles):
        if bubble.who in {"bot", "human"}:
            found.setdefault(bubble.deed, []).append((place, bubble))
    return [(came[-1][0], turn_weight(pages, [bubble for _, bubble in came])) for came in found.values()]


def _said(pages: Pages, text_id: str, weight: Weight, language: str) -> str:
    return pages.words(text_id, language, seconds=_number(weight.seconds, language), size=_number(weight.size / 1000, language))


def _number(value: float, language: str) -> str:
    """One decimal, rounded up: nobody waits less than is said."""
    tenths = int(value * 10) + (value * 10 != int(value * 10))
    return f"{tenths // 10}{',' if language == 'fr' else '.'}{tenths % 10}"


def told(screens: Screens, language: str) -> dict[str, Any]:
    """What the script of the page has to know, as JSON."""
    first = screens.phones[0] if screens.phones else None
    return {
        "revision": screens.revision,
        "flow": screens.flow,
        "at": screens.at.replace(" ", "T"),
        "now": moment_of(first.at, language) if first is not None else "",
        "languages": screens.languages,
        "shown": [phone.language for phone in screens.phones],
        "country": screens.country,
        "countries": screens.countries,
        "words": [(word, label) for word, label in screens.words if word in _OFFERED],
        "stands": {"flow": first.flow, "step": first.step} if first is not None else {},
        "case": bool(first is not None and first.case != "none"),
        "reminders": bool(first is not None and first.reminders),
        "stops": len(screens.stops),
        "refused": min((phone.refused.deed for phone in screens.phones if phone.refused is not None), default=-1),
        "last": {phone.language: _last(phone) for phone in screens.phones},
    }


def _last(phone: Phone) -> str:
    """What came last, to be read aloud."""
    if not phone.bubbles:
        return ""
    deed = phone.bubbles[-1].deed
    came = (bubble for bubble in phone.bubbles if bubble.deed == deed and bubble.who in {"bot", "human"})
    return " ".join(bubble.words or " ".join(part.said for part in bubble.parts) for bubble in came)
