"""Names of days, months and countries, to be said and to be read.

Rule 1: what is said comes from CLDR, but for Arabic months, which each country names its own way.
Rule 2: what is read is folded first, so any spelling without marks and case finds its country or month.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

from babel.core import Locale, UnknownLocaleError

from bot.i18n.fold import fold

_READ = ("en", "fr", "ar")

_MONTHS_BY_COUNTRY = {
    "DZ": ("جانفي", "فيفري", "مارس", "أفريل", "ماي", "جوان", "جويلية", "أوت", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"),
    "MA": ("يناير", "فبراير", "مارس", "أبريل", "ماي", "يونيو", "يوليوز", "غشت", "شتنبر", "أكتوبر", "نونبر", "دجنبر"),
}
# How people write months beside their names: short, without a letter, or as neighbours say them.
_MONTH_SPELLINGS = {
    "يوليو": 7,
    "اغسطس": 8,
    "sept": 9,
    "avr": 4,
    "juil": 7,
    "fev": 2,
    "dec": 12,
}
# Names that CLDR gives in a form nobody types.
_COUNTRY_SPELLINGS = {
    "CI": ("Ivory Coast", "cote divoire", "rci", "كوت ديفوار", "ساحل العاج"),
    "CD": ("RDC", "DRC", "Congo Kinshasa", "Congo démocratique", "République démocratique du Congo", "الكونغو الديمقراطية", "Zaïre"),
    "CG": ("Congo", "Congo Brazzaville", "Brazzaville", "الكونغو", "الكونغو برازافيل"),
    "CF": ("RCA", "Centrafrique", "Central African Republic", "République centrafricaine", "أفريقيا الوسطى"),
    "GN": ("Guinea Conakry", "Guinée Conakry", "Conakry", "غينيا كوناكري"),
    "GW": ("Guinée Bissau", "Bissau", "غينيا بيساو"),
    "GQ": ("Guinée équatoriale", "غينيا الاستوائية"),
    "CM": ("Cameroon", "Kamer", "Kameroun", "الكاميرون", "كاميرون"),
    "CV": ("Cap Vert", "Cape Verde", "الرأس الأخضر"),
    "SZ": ("Swaziland",),
    "GM": ("The Gambia", "غامبيا"),
    "TD": ("Tchad", "تشاد"),
    "ML": ("Mali", "مالي"),
    "BF": ("Burkina", "بوركينا", "بوركينا فاسو"),
    "PS": ("Palestine", "فلسطين"),
    "SY": ("Syrie", "سوريا", "سورية"),
    "EH": ("Sahara occidental", "Western Sahara", "الصحراء الغربية"),
    "SS": ("Soudan du Sud", "جنوب السودان"),
    "US": ("USA", "Etats Unis", "أمريكا", "America"),
    "GB": ("UK", "Angleterre", "England", "Great Britain", "بريطانيا", "إنجلترا"),
    "TR": ("Turkey", "Turquie"),
    "CZ": ("Czech Republic",),
    "MM": ("Birmanie", "Burma"),
}
_NO_COUNTRIES = frozenset({"ZZ", "EU", "EZ", "UN", "QO", "XA", "XB"})
_ARTICLES = frozenset({"le", "la", "les", "l", "the", "du", "de", "au", "aux", "en", "from", "من"})
_AND = {"en": (", ", " and "), "fr": (", ", " et "), "ar": ("، ", " و")}


@cache
def day_name(weekday: int, language: str) -> str:
    """The day of the week (0 is Monday), as it stands inside a sentence."""
    return str(_locale(language).days["format"]["wide"][weekday])


@cache
def month_name(month: int, language: str, country: str) -> str:
    """The month (1 to 12); Arabic as the country (ISO code) names it, else by CLDR."""
    if language == "ar" and country in _MONTHS_BY_COUNTRY:
        return _MONTHS_BY_COUNTRY[country][month - 1]
    return str(_locale(language).months["format"]["wide"][month])


@cache
def months() -> Mapping[str, int]:
    """Folded spelling → month (1 to 12), in every language and country that is read."""
    found = {fold(name): month for name, month in _MONTH_SPELLINGS.items()}
    for language in _READ:
        for month in range(1, 13):
            for country in ("", *_MONTHS_BY_COUNTRY):
                found[fold(month_name(month, language, country))] = month
            found.setdefault(fold(str(_locale(language).months["format"]["abbreviated"][month])), month)
    return MappingProxyType(found)


@cache
def country_name(code: str, language: str) -> str:
    """The country of an ISO code as the language names it; the code itself when nobody knows it."""
    return str(_locale(language).territories.get(code, code))


def country_code_of(text_id: str) -> str | None:
    """The ISO code in `countries.ML`; None for any other id and for what is no country."""
    code = text_id.removeprefix("countries.") if text_id.startswith("countries.") else ""
    return code if len(code) == 2 and code in _codes() else None


def country_named(words: str) -> str | None:
    """The ISO code of the country that the words name, in any spelling of Arabic, French or English; None when they name none."""
    spellings, said = _countries(), fold(words).split()
    while said:
        code = spellings.get(" ".join(said))
        if code is not None or said[0] not in _ARTICLES:
            return code
        said = said[1:]
    return None


def joined(values: Sequence[str], language: str) -> str:
    """The values as a list in a sentence: commas, and *and* before the last."""
    comma, last = _AND.get(language, (", ", ", "))
    if len(values) < 2:
        return "".join(values)
    return comma.join(values[:-1]) + last + values[-1]


@cache
def _countries() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for language in _READ:
        for code, name in _locale(language).territories.items():
            if code in _codes():
                found.setdefault(fold(name), code)
    for code, names in _COUNTRY_SPELLINGS.items():
        found.update((fold(name), code) for name in names)
    # «سنغال» for «السنغال»: the article is often left out, never the other way round.
    bare = {name.removeprefix("ال"): code for name, code in found.items() if name.startswith("ال")}
    return MappingProxyType({**bare, **found})


@cache
def _codes() -> frozenset[str]:
    """ISO codes of countries; CLDR also names unions and regions, which nobody comes from."""
    return frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()) - _NO_COUNTRIES


@cache
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale("en")
