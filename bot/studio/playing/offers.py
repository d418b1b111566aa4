"""What a person could answer to the question that waits: every choice, and for open answers one or two that stand for all.

Rule 1: of a question for several answers each choice is tried alone, and none; not every mixture.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from bot.engine.plan import DONE, SKIP, Plan
from bot.engine.session import Session
from bot.flow.answers import CountryOf, DateOf, Free, Number
from bot.flow.program import Ask
from bot.studio.playing.deeds import Deed

WORDS: Final[Mapping[str, str]] = MappingProxyType({"other": "zz qx", "free": "abc", "country": "Mali"})
"""Words that are no answer, words of one's own, a country that is not served."""


def offers(plan: Plan, session: Session, shown: tuple[str, ...]) -> Iterator[Deed]:
    """What can be done at this place of a flow, shortest first."""
    if not session.frames:
        return
    top = session.frames[-1]
    spot = plan.at[top.flow, top.step]
    ask = spot.step if isinstance(spot.step, Ask) else None
    keys = tuple(choice.key for choice in spot.offered(_country(session), plan.program)) if session.question is None else shown
    for key in keys:
        if not session.picked or key in {DONE, SKIP}:
            yield Deed("presses", key)
    if ask is None or session.question is not None:
        return
    yield from (Deed("writes", words, session.language) for words in _typed(ask))
    if ask.otherwise is not None:
        yield Deed("writes", WORDS["other"], session.language)


def _typed(ask: Ask) -> tuple[str, ...]:
    match ask.type:
        case Number(low=low, high=high):
            return tuple(dict.fromkeys((str(low), str((low + high) // 2), str(high))))
        case DateOf(low=low, high=high):
            fixed = tuple(f"{day[8:]}/{day[5:7]}/{day[:4]}" for day in (low, high) if day is not None and day != "today")
            return ("today", "tomorrow", *fixed)
        case CountryOf(here=False):
            return (WORDS["country"],)
        case Free():
            return (WORDS["free"],)
        case _:
            return ()


def _country(session: Session) -> str | None:
    country = session.shared.get("country")
    return country if isinstance(country, str) else None
