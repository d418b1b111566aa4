"""What typed words answer to the question that waits, by the type of its answer.

Rule 1: `exact` takes the whole message; `loose` takes words among others, and only where exactly one choice is meant.
Rule 2: a consent is never given loosely; a doubt is no yes.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from bot.engine.calendar import local
from bot.engine.plan import DONE, NO, SKIP, Labels, Spot
from bot.engine.turn import Turn
from bot.flow.answers import SKIPPED, Answer, CountryOf, DateOf, Free, Number
from bot.flow.program import Ask, Consent, Pages
from bot.i18n.names import country_named, months

FEW_WORDS = 4
_TODAY = frozenset({"today", "aujourd hui", "aujourdhui", "auj", "ajd", "اليوم", "ليوم", "lyoum", "lyom", "had nhar"})
_TOMORROW = frozenset({"tomorrow", "demain", "dmn", "2main", "غدا", "غدوا", "غدوه", "ghedda", "ghda", "ghedwa", "ghodwa"})


class Typed(NamedTuple):
    """A message as it was written, folded, and its number of words."""

    raw: str
    folded: str
    words: int


def exact(turn: Turn, spot: Spot, typed: Typed) -> Answer | None:
    """The answer that the whole message is, or None."""
    labels = turn.plan.labels(spot, turn.language, turn.country)
    folded, step = typed.folded, spot.step
    if isinstance(step, Ask):
        value = _typed_value(turn, step, typed)
        if value is not None:
            return value
        if isinstance(step.type, Number | DateOf | Free) and folded.isdigit():
            return None
    if folded.isascii() and folded.replace(" ", "").isdigit():
        return _numbered(turn, spot, folded.split(), labels)
    key = labels.named.get(folded)
    if key is None:
        key = turn.program.lexicon.answer_exact(folded, labels.spelled, turn.language)
    return None if key is None else _whole(turn, spot, key)


def loose(turn: Turn, spot: Spot, typed: Typed) -> Answer | None:
    """The answer that stands among the words, or None; words in the person's own are taken here, after danger was looked for."""
    step = spot.step
    if isinstance(step, Ask):
        if isinstance(step.type, Free):
            words = " ".join(typed.raw.split())
            return words if 0 < len(words) <= step.type.longest else None
        if isinstance(step.type, Number) and typed.words <= FEW_WORDS:
            numbers = [int(word) for word in typed.folded.split() if word.isascii() and word.isdigit() and len(word) < 10]
            return _within(numbers[0], step.type) if len(numbers) == 1 else None
    if typed.words > FEW_WORDS and not spot.heard:
        return None
    keys = [choice.key for choice in spot.choices_in(turn.country, turn.program)]
    found = turn.program.lexicon.answers_contained(typed.folded, keys)
    if len(found) != 1 or isinstance(step, Pages):
        return None
    key = next(iter(found))
    return None if isinstance(step, Consent) and key != NO else _whole(turn, spot, key)


def pick(turn: Turn, spot: Spot, key: str) -> Answer | None:
    """The answer that pressing this button gives; None while several may still be chosen (the choice is kept)."""
    if not spot.many or key == SKIP:
        return SKIPPED if key == SKIP else key
    if key != DONE:
        turn.picked = in_order(turn, spot, (*turn.picked, key))
        return None
    return chosen(turn, spot)


def chosen(turn: Turn, spot: Spot) -> Answer | None:
    """All that was picked; nothing is skipped where that is allowed, else no answer."""
    if turn.picked:
        return turn.picked
    return SKIPPED if isinstance(spot.step, Ask) and spot.step.skip else None


def in_order(turn: Turn, spot: Spot, keys: Sequence[str]) -> tuple[str, ...]:
    """The keys once each, in the order of the flow."""
    return tuple(choice.key for choice in spot.choices_in(turn.country, turn.program) if choice.key in keys)


def _whole(turn: Turn, spot: Spot, key: str) -> Answer | None:
    if key == SKIP:
        return SKIPPED
    if not spot.many:
        return key
    return chosen(turn, spot) if key == DONE else in_order(turn, spot, (*turn.picked, key))


def _numbered(turn: Turn, spot: Spot, words: Sequence[str], labels: Labels) -> Answer | None:
    if isinstance(spot.step, Pages):
        page = int(words[0]) if len(words) == 1 and len(words[0]) < 5 else 0
        return page - 1 if 0 < page <= len(spot.step.pages) else None
    if any(len(word) > 2 or not 0 < int(word) <= len(labels.keys) for word in words):
        return None
    keys = [labels.keys[int(word) - 1] for word in words]
    if len(keys) == 1:
        return _whole(turn, spot, keys[0])
    return in_order(turn, spot, (*turn.picked, *keys)) if spot.many and SKIP not in keys and DONE not in keys else None


def _typed_value(turn: Turn, step: Ask, typed: Typed) -> Answer | None:
    match step.type:
        case Number():
            digits = typed.folded.isascii() and typed.folded.isdigit() and len(typed.folded) < 10
            return _within(int(typed.folded), step.type) if digits else None
        case DateOf():
            return _dated(turn, step.type, typed.folded)
        case CountryOf(here=here):
            code = country_named(typed.raw)
            return code if code is not None and (not here or code in turn.program.service.countries) else None
        case _:
            return None


def _within(number: int, kind: Number) -> Answer | None:
    return number if kind.low <= number <= kind.high else None


def _dated(turn: Turn, kind: DateOf, folded: str) -> Answer | None:
    today = local(turn.at, turn.country, turn.program.service).date()
    low, high = _bound(kind.low, today), _bound(kind.high, today)
    days = [day for day in _days(folded, today) if (low is None or low <= day) and (high is None or day <= high)]
    if not days:
        return None
    return min(days, key=lambda day: abs(day - today)).isoformat()


def _bound(bound: str | None, today: date) -> date | None:
    if bound is None:
        return None
    return today if bound == "today" else date.fromisoformat(bound)


def _days(folded: str, today: date) -> list[date]:
    """The days that the words can mean; without a year, those of last year, this year and next year."""
    if folded in _TODAY:
        return [today]
    if folded in _TOMORROW:
        return [today + timedelta(days=1)]
    words = folded.split()
    day = _small(words[0]) if 2 <= len(words) <= 3 else None
    if day is None:
        return []
    month = months().get(words[1]) or _small(words[1])
    year = _small(words[2]) if len(words) == 3 else None
    if month is None or (len(words) == 3 and year is None):
        return []
    if day > 31 and year is not None:
        day, year = year, day
    years = [year + 2000 if year < 100 else year] if year is not None else [today.year - 1, today.year, today.year + 1]
    return [made for made in (_day(each, month, day) for each in years) if made is not None]


def _small(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 4 else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
