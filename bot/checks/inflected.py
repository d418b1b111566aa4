"""Words that are not said to people, in forms that no list holds: plural, feminine, verbs, Arabic with what is joined before and behind.

Rule 1: a form is found as a whole folded word, so vowels, tatweel and joined letters hide nothing.
Rule 2: each stem is one that has no kind word among its forms; a word that is sometimes kind stands in `bot.checks.phrases`, whole.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from bot.checks.clauses import whole

_HOME: Final = {"en": "going home with help", "fr": "rentrer au pays", "ar": "العودة إلى البلد"}
_FORCED: Final = {"en": "someone forces you", "fr": "on vous force", "ar": "استغلال"}
_PAPERS: Final = {"en": "without papers", "fr": "sans papiers", "ar": "دون أوراق"}
_PEOPLE: Final = {"en": "people", "fr": "des personnes", "ar": "أشخاص"}
_CAN_ASK: Final = {"en": "people in your situation can ask", "fr": "vous pouvez demander", "ar": "يمكن تقديم طلب"}
_BEFORE: Final = r"(?:[وف]?[بكل]?(?:ال)?|[وف]?لل)"
_BEHIND: Final = r"(?:ات|ين|ون|ان|ي|يه|ه|ا|ك|كم|كن|ها|هم|هن|نا|تي|تك|تكم|تهم|تها|تنا|ته|تين|تان)?"


def _arabic(*stems: str) -> str:
    return rf"{_BEFORE}(?:{'|'.join(stems)}){_BEHIND}"


_STEMS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "en": (
        (r"deport(?:s|ed|ing|ees?|ations|able)|repatriat(?:e|es|ed|ing|ions)", _HOME["en"]),
        (r"traffick(?:ed|ers?|ing)|enslav(?:e|ed|ement)|slaves?", _FORCED["en"]),
        (r"illegally|illegality|clandestines?|clandestinely", _PAPERS["en"]),
        (r"victim(?:ized|ised|hood)", "what you say is serious"),
        (r"eligibility|ineligible|eligible", _CAN_ASK["en"]),
        (r"guarantees?|guaranteeing", "can be asked"),
    ),
    "fr": (
        (r"rapatri(?:e|es|ee|ees|er|era|ez|ements|erez|eront)|reconduit(?:e|s|es)?|reconduire", _HOME["fr"]),
        (r"trafics|trafiqu\w+|esclav(?:es?|agistes?)", _FORCED["fr"]),
        (r"illegales|illegalement|illegalite|clandestines|clandestinement|clandestinite", _PAPERS["fr"]),
        (r"victimis\w+|rescape(?:s|es)?|rescapees", "ce que vous dites est grave"),
        (r"eligibles|eligibilite|ineligibles?", _CAN_ASK["fr"]),
        (r"garant(?:ies?|is|it|issons|issent|ir|ira|irons)", "personne ne peut promettre"),
        (r"subsaharien(?:ne|nes)|harragas", _PEOPLE["fr"]),
        (r"proxenetes|boniches", ""),
    ),
    "ar": (
        (_arabic("ترحيل", "ترحيلات", "مرحلين", "مرحلون", "ابعاد"), _HOME["ar"]),
        (_arabic("تهريب", "مهرب", "عبوديه", "عبوديت", "استعباد"), _FORCED["ar"]),
        (_arabic("ضحيه", "ضحيت", "ضحايا", "منكوب"), "هذا الأمر جدّي"),
        (_arabic("موهل", "مضمون"), _CAN_ASK["ar"]),
        (_arabic("متسلل", "حراق", "حراقه", "افارقه", "كحلوش", "كحالش"), _PEOPLE["ar"]),
        (_arabic("قاصر", "قصر(?=ين|ون)"), "أقل من 18 سنة"),
        (rf"{_BEFORE}خادم(?:ه|ات|تي|تك|تهم|تها)", "عمل في البيت"),
        (r"[وف]?(?:س)?(?:يرحل|نرحل|ترحل)(?:ك|كم|ونك|ونكم|هم|ونهم)", _HOME["ar"]),
    ),
}  # fmt: skip
_WORDS: Final[Mapping[str, re.Pattern[str]]] = {
    language: whole("|".join(f"(?P<s{number}>{stem})" for number, (stem, _) in enumerate(stems))) for language, stems in _STEMS.items()
}
_HINTS: Final[Mapping[str, re.Pattern[str]]] = {
    "en": re.compile("deport|repatr|traffick|slav|illegal|clandest|victim|ligib|guarant"),
    "fr": re.compile("rapatri|recondu|trafi|esclav|illegal|clandest|victim|rescap|ligib|garant|subsah|harraga|proxen|bonich"),
    "ar": re.compile(
        "رحيل|رحلين|رحلون|ابعاد|هريب|مهرب|عبود|ستعباد|ضحي|ضحايا|منكوب|موهل|مضمون|متسلل|حراق|افارق|كحلوش|كحالش|قاصر|قصر|خادم|رحل"
    ),
}
"""What each stem holds: a first look."""


def inflected(bare: str, language: str) -> Iterator[tuple[str, str]]:
    """Each form that the folded text holds, and what is said in its place."""
    if language not in _HINTS or not _HINTS[language].search(bare):
        return
    seen: set[str] = set()
    for match in _WORDS[language].finditer(f" {bare} "):
        if match.group() not in seen:
            seen.add(match.group())
            yield match.group(), _STEMS[language][int((match.lastgroup or "s0").removeprefix("s"))][1]
