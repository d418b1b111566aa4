"""Whether a translation says what its source says: each sentence, each question, each *no*, each number, and what is warned of.

Rule 1: sentences are compared in their order when there are as many of them; if there are fewer, that is what is told.
Rule 2: what a sentence means is not known here: a *no*, a number and a few things that must not be lost are looked for, nothing else.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from bot.i18n.fold import fold
from bot.i18n.placeholders import cut

_ENDS: Final = re.compile(r"(?<=[.?!؟。])(?:[»\u00a0\u2069]*)(?:\s+|$)")
_PAGE: Final = re.compile(r"^\s*\u2066?\d+\u2069?\.\s")
_THOUSANDS: Final = re.compile(r"(?<=\d)[., \u00a0\u202f](?=\d{3}(?!\d))")
_WHERE: Final = re.compile(r"https?://\S+|www\.\S+|[\w.+-]*@[\w.-]+\w")

_NO: Final[Mapping[str, str]] = {
    "en": r"not|no|never|nobody|nothing|none|neither|nor|cannot|without|t",
    "fr": r"ne|n|pas|jamais|rien|aucune?s?|ni|sans|non|inutile|interdit\w*|evitez",
    "ar": r"[وف]?[بل]?(?:لا|لن|لم|ليس\w*|غير|دون|بدون|بلا|عدم|ممنوع\w*|لست\w*|لسنا|الا)",
}
"""What says *no* in a sentence: a folded word (the *t* of *don’t*)."""
_NEARLY: Final[Mapping[str, str]] = {
    "en": r"refus\w+|rarely|hardly|un(?:paid|safe|known|able|checked)|only|alone|still|absent|away|less|before|closed|"
    r"except|until|instead|avoid|"
    r"stop|time|few|mostly|remains?|"
    r"forbid\w*|prohibit\w*",
    "fr": r"rarement|absente?s?|fermee?s?|refus\w+|peu|seulement|personne|plus|moins|avant|seule?s?|vide|sauf|arret\w*",
    "ar": r"[وف]?(?:ال|لل)?(?:رفض\w*|ما|احد|احدا|غايب\w*|مغلق\w*|قليل\w*|نادرا|فقط|ممكن|قبل|وحيد\w*|غياب|مستحيل\w*|الامتناع|خالي\w*|توقف)",
}
"""What may stand where another language says *no*."""
_FORBIDS: Final[Mapping[str, str]] = {
    "en": r"not|never|t|nobody",
    "fr": r"pas|jamais|rien|aucune?|interdit\w*",
    "ar": r"[وف]?(?:لا|لن|لم|ليس\w*)|ممنوع",
}
"""What a sentence cannot say where its source says no *no* of any kind."""
_NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    "fr": ("deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"),
    "ar": (r"\w{3,}ين", *(rf"[وفبل]?(?:ال)?{word}\w?" for word in ["ثلاث", "اربع", "خمس", "ست", "سبع", "ثماني", "تسع", "عشر"])),
}
"""Two, three and so on in words."""
_THINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "police": {"en": r"police", "fr": r"police\w*|policiers?|gendarm\w+", "ar": r"شرط|درك|امن"},
    "report": {"en": r"report", "fr": r"signal\w*|denonc\w*|prevenir|informer", "ar": r"بلاغ|بلغ|بليغ|خبر"},
    "danger": {"en": r"danger|risk|risky", "fr": r"danger\w*|risqu\w*", "ar": r"خطر|مخاطر|خطير|سلام|وذي"},
    "arrest": {
        "en": r"arrest\w*|expelled|expulsion|expel",
        "fr": r"arret\w*|expuls\w*|renvoy\w*|enferm\w*|detenu\w*",
        "ar": r"اعتق|عتقال|وقيف|طرد|حتجاز|محتجز|قبض",
    },
    "lawyer": {"en": r"lawyer", "fr": r"avocate?s?|juridique", "ar": r"محام|قانون"},
    "pay": {"en": r"pay|money", "fr": r"pay\w*|argent|prix", "ar": r"دفع|مال|مقابل|فلوس|اجر|ثمن"},
    "erase": {"en": r"erase\w*|delete\w*", "fr": r"effac\w*|supprim\w*", "ar": r"مسح|محو|محي|حذف|ازال|تمح"},
    "ambulance": {"en": r"ambulance", "fr": r"ambulance\w*|secours|urgence\w*", "ar": r"اسعاف|نجد"},
    "signing": {"en": r"signed|signature", "fr": r"sign\w*", "ar": r"وقيع|وقع"},
}
"""What is warned of or relied on → how each language says it; an Arabic word by letters that stand in it."""


class _Reading(NamedTuple):
    """What a sentence holds. `no`, `nearly`, `forbids`, `things`: as in the tables; `numbers`: digits; `spelled`: in words."""

    said: str
    no: bool
    nearly: bool
    forbids: bool
    asks: bool
    numbers: tuple[str, ...]
    spelled: frozenset[str]
    things: frozenset[str]


class Lack(NamedTuple):
    """What a translation lacks, as a rule, a sentence, and the words of the source it is about."""

    rule: str
    sentence: str
    word: str = ""


_KINDS: Final[Mapping[str, tuple[tuple[str, re.Pattern[str]], ...]]] = {
    language: (
        *((name, re.compile(words[language])) for name, words in (("no", _NO), ("nearly", _NEARLY), ("forbids", _FORBIDS))),
        *((str(number), re.compile(word)) for number, word in enumerate(_NUMBERS[language], 2)),
        *((name, re.compile(f".*(?:{said['ar']}).*" if language == "ar" else said[language])) for name, said in _THINGS.items()),
    )
    for language in _NO
}
_ANY: Final = {language: re.compile("|".join(f"(?:{kind.pattern})" for _, kind in kinds)) for language, kinds in _KINDS.items()}
_NONE: Final[frozenset[str]] = frozenset()
_SPELLED: Final = frozenset(map(str, range(2, 13)))
_DIGIT: Final = re.compile(r"\d")
_HEARD_FROM: Final = "en"
"""The source whose *no* and whose warnings are looked for: the tables say how the others say what English says. The other way round they
hear too much: *sans danger* says no, and means *safe*."""
_MOST_WORDS: Final = 20_000
"""So many words are remembered."""


class _Kinds(dict[str, frozenset[str]]):
    """Folded word → what it says of its sentence: `no`, `nearly`, `forbids`, a number, a thing. Filled as words are met."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._any, self._kinds = _ANY[language], _KINDS[language]

    def __missing__(self, word: str) -> frozenset[str]:
        found = frozenset(name for name, kind in self._kinds if kind.fullmatch(word)) if self._any.fullmatch(word) else _NONE
        if len(self) < _MOST_WORDS:
            self[word] = found
        return found


_KIND_OF: Final = {language: _Kinds(language) for language in _NO}


def lacking(source: str, origin: str, text: str, language: str) -> Iterator[Lack]:
    """Everything that the translation lacks. `origin`: the language of the source; nothing is known of languages that have no table."""
    if origin not in _NO or language not in _NO:
        return
    there, here = _read(source, origin), _read(text, language)
    if len(here) < len(there):
        sentence = (
            f"{len(here)} {'sentence' if len(here) == 1 else 'sentences'}, and {len(there)} in the source: what is missing may be a warning"
        )
        yield Lack("lost-words", sentence)
    if there and here and there[-1].asks and not here[-1].asks and not any(each.asks for each in here):
        yield Lack("lost-meaning", "the source asks a question, and this asks none", _said(there[-1].said))
    yield from _numbers(there, here)
    if "@" in source or "/" in source or "www" in source:
        missing = [word for word in _WHERE.findall(source) if word not in text]
        yield from (Lack("lost-meaning", f"‹{word}› of the source is not here", word) for word in missing)
    if origin == _HEARD_FROM:
        yield from _unheard(there, here)


def _unheard(there: tuple[_Reading, ...], here: tuple[_Reading, ...]) -> Iterator[Lack]:
    """A *no* and a warning that are not said."""
    if len(here) == len(there):
        if [each.no for each in there] != [each.no for each in here]:
            yield from _noes(there, here)
        yield from _things(there, here)
    elif here and any(each.no for each in there) and not any(each.no or each.nearly for each in here):
        said = next(_said(each.said) for each in there if each.no)
        yield Lack("lost-meaning", f"the source says no in ‹{said}›, and this does not", said)


def _noes(there: tuple[_Reading, ...], here: tuple[_Reading, ...]) -> Iterator[Lack]:
    """A *no* that is lost, and one that came in; where both happened, the sentences only changed places."""
    pairs = tuple(zip(there, here, strict=True))
    lost = [one for one, other in pairs if one.no and not other.no and not other.nearly]
    come = [other for one, other in pairs if other.forbids and not one.no and not one.nearly]
    for one in lost if len(lost) > len(come) else ():
        yield Lack("lost-meaning", f"the source says no in ‹{_said(one.said)}›, and this does not", _said(one.said))
        return
    for other in come if len(come) > len(lost) else ():
        yield Lack("lost-meaning", f"this says no in ‹{_said(other.said)}›, and the source does not", _said(other.said))
        return


def _things(there: tuple[_Reading, ...], here: tuple[_Reading, ...]) -> Iterator[Lack]:
    wanted, said = [_NONE.union(*(each.things for each in some)) for some in (there, here)]
    for thing in sorted(wanted - said):
        about = next(_said(each.said) for each in there if thing in each.things)
        yield Lack("lost-words", f"the source speaks of ‹{thing}› in ‹{about}›, and this does not", about)


def _numbers(there: tuple[_Reading, ...], here: tuple[_Reading, ...]) -> Iterator[Lack]:
    wanted, written = [[number for each in some for number in each.numbers] for some in (there, here)]
    if wanted == written:
        return
    spelled_there, spelled_here = [{word for each in some for word in each.spelled} for some in (there, here)]
    lost = sorted(number for number in (Counter(wanted) - Counter(written)) if number not in spelled_here)
    if lost:
        yield Lack("lost-meaning", f"the number ‹{lost[0]}› of the source is not here", lost[0])
    elif added := sorted(number for number in (Counter(written) - Counter(wanted)) if number not in spelled_there and number != "1"):
        yield Lack("lost-meaning", f"the number ‹{added[0]}› is not in the source", added[0])


@lru_cache(maxsize=512)
def _read(text: str, language: str) -> tuple[_Reading, ...]:
    bare = " ".join(cut(text)[::2]) if "{" in text else text
    if _DIGIT.search(bare):
        bare = _THOUSANDS.sub("", _PAGE.sub("", bare))
    return tuple(_reading(part, language) for part in _ENDS.split(bare) if part and part.strip())


def _reading(part: str, language: str) -> _Reading:
    words = fold(part).split()
    kind_of = _KIND_OF[language]
    kinds = _NONE.union(*filter(None, [kind_of[word] for word in words]))
    asks = part.rstrip("»\u00a0\u2069 \n").endswith(("?", "؟"))
    numbers = tuple(word for word in words if word.isdecimal()) if _DIGIT.search(part) else ()
    spelled = _NONE if kinds.isdisjoint(_SPELLED) else kinds & _SPELLED
    return _Reading(
        part, "no" in kinds, "nearly" in kinds, "forbids" in kinds, asks, numbers, spelled, kinds & _THINGS.keys() if kinds else _NONE
    )


def _said(part: str) -> str:
    """The first words of a sentence, as a problem quotes them."""
    words = part.split()
    return " ".join(words[:6]).rstrip(" .?!؟") + ("…" if len(words) > 6 else "")
