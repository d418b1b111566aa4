"""Days, hours and minutes, counted in each language.

Rule 1: the English forms here are the source; French and Arabic stand here too, so that a count is never said in English to them.
Rule 2: a catalog that has the contexts `unit.day`, `unit.hour`, `unit.minute` wins over this file.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from bot.i18n.plurals import plural_of
from bot.i18n.values import Unit

UnitForms: TypeAlias = Mapping[Unit, tuple[str, ...]]
"""Unit → its forms in the order of CLDR, each with `{n}` or without any number."""

UNIT_CONTEXTS: Mapping[Unit, str] = MappingProxyType({"day": "unit.day", "hour": "unit.hour", "minute": "unit.minute"})
"""Unit → the context of its entry in a catalog."""

BUILT_IN: Mapping[str, UnitForms] = MappingProxyType(
    {
        "en": {"day": ("{n} day", "{n} days"), "hour": ("{n} hour", "{n} hours"), "minute": ("{n} minute", "{n} minutes")},
        "fr": {"day": ("{n} jour", "{n} jours"), "hour": ("{n} heure", "{n} heures"), "minute": ("{n} minute", "{n} minutes")},
        "ar": {
            "day": ("أقل من يوم", "يوم واحد", "يومين", "{n} أيام", "{n} يوماً", "{n} يوم"),
            "hour": ("أقل من ساعة", "ساعة واحدة", "ساعتين", "{n} ساعات", "{n} ساعة", "{n} ساعة"),
            "minute": ("أقل من دقيقة", "دقيقة واحدة", "دقيقتين", "{n} دقائق", "{n} دقيقة", "{n} دقيقة"),
        },
    }
)
"""Language → its counted units; Arabic stands in the oblique, as after «بعد، خلال، من»."""


def form_for(forms: tuple[str, ...], n: int, language: str) -> str:
    """The form that `n` takes in the language; the last form there is when a catalog gives too few."""
    return forms[min(plural_of(language)(n), len(forms) - 1)]
