"""Terms that have one right word: where the English source has the term, some translations of it are wrong.

Rule 1: a word stands here only for its term; elsewhere it may be right (a transfer of money is a transfer).
Rule 2: words that are wrong everywhere stand in `bot.checks.phrases`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.checks.phrases import found_phrases


@dataclass(frozen=True, slots=True)
class Term:
    """An English term (any of these spellings), its words by language, and what is wrong for it."""

    english: tuple[str, ...]
    better: Mapping[str, str]
    wrong: Mapping[str, tuple[str, ...]]


def _term(english: str, french: str, arabic: str, *, fr: str = "", ar: str = "") -> Term:
    wrong = {language: tuple(words.split(" | ")) for language, words in (("fr", fr), ("ar", ar)) if words}
    return Term(tuple(english.split(" | ")), {"fr": french, "ar": arabic}, wrong)


GLOSSARY: Final = (
    _term("return | going home", "rentrer au pays", "العودة إلى البلد", fr="retour forcé", ar="ترحيل طوعي | الرجوع"),
    _term("reintegration | start again", "recommencer au pays", "بداية جديدة في البلد", fr="réinsertion", ar="التأهيل | إصلاح"),
    _term("iom", "l’OIM", "المنظمة الدولية للهجرة", ar="منظمتنا"),
    _term("unhcr", "le HCR", "مفوضية اللاجئين", fr="le commissariat", ar="المفوضية"),
    _term("country of origin", "votre pays", "بلدك", fr="pays source", ar="المصدر"),
    _term("embassy | consulate", "le consulat", "القنصلية", fr="représentation", ar="التمثيلية"),
    _term("travel document", "papier pour voyager", "ورقة للسفر", fr="titre de voyage", ar="سند سفر"),
    _term("fit to travel", "le voyage est possible pour la santé", "السفر ممكن صحياً", fr="feu vert médical", ar="سليم"),
    _term("exit permission", "accord de l’État pour sortir", "إذن الخروج من البلد", fr="visa de sortie", ar="تسريح"),
    _term("interview", "parler avec l’OIM", "الحديث مع المنظمة", fr="audition", ar="تحقيق"),
    _term("counselling", "parler avec une personne formée", "الحديث مع شخص متخصص", fr="entretien psy", ar="إرشاد"),
    _term("consent", "votre accord", "موافقتك", fr="autorisation", ar="رضا"),
    _term("free of charge", "gratuit", "مجاناً", fr="cadeau | remboursé", ar="باطل"),
    _term("trafficking", "quelqu’un vous force", "استغلال وإجبار", fr="trafic", ar="تهريب | بيع البشر"),
    _term("smuggling", "passage payé de frontière", "عبور الحدود مقابل مال", fr="traite", ar="الاتجار"),
    _term("forced labour", "travailler sans pouvoir refuser", "عمل دون حق الرفض", fr="travaux forcés", ar="الأشغال الشاقة"),
    _term("referral", "envoyer votre demande à un service", "إرسال الطلب إلى جهة", fr="transfert de dossier", ar="تحويل"),
    _term("caseworker", "quelqu’un de l’équipe", "شخص من الفريق", fr="agent", ar="عون"),
    _term("a person from the team", "quelqu’un de l’équipe", "شخص من الفريق", fr="agent", ar="موظف"),
    _term("shelter | place to sleep", "un lieu pour dormir", "مكان للنوم", fr="foyer", ar="ملجأ"),
    _term("legal assistance | legal help", "un avocat, conseil gratuit", "محامٍ، نصيحة قانونية", fr="contentieux", ar="دعوى"),
    _term("ambulance", "l’ambulance, les secours", "الإسعاف", fr="pompiers", ar="الدفاع المدني"),
    _term("under 18", "moins de 18 ans", "أقل من 18 سنة", fr="mineur | MNA", ar="حدث | قاصر"),
    _term("expulsion", "être renvoyé de force", "الطرد", fr="retour", ar="عودة | ترحيل"),
    _term("detention", "être enfermé", "الاحتجاز", fr="hébergement", ar="حجز | توقيف"),
    _term("complaint", "dire ce qui ne va pas", "قول ما حدث من خطأ", fr="dénonciation", ar="وشاية"),
)
"""The terms of the glossary whose wrong words can be told by a machine."""
_JUDGED: Final[Mapping[str, tuple[tuple[str, ...], tuple[Term, ...]]]] = {
    language: (
        tuple(dict.fromkeys(word for term in GLOSSARY for word in term.wrong.get(language, ()))),
        tuple(term for term in GLOSSARY if language in term.wrong),
    )
    for language in ("fr", "ar")
}
"""Language → every wrong word, for a first look, and the terms that have one."""


def wrong_terms(source: str, translation: str, language: str) -> tuple[tuple[str, str], ...]:
    """Each wrong word in the translation, with the better one; `source` is the English text."""
    found: dict[str, str] = {}
    wrong, terms = _JUDGED.get(language, ((), ()))
    for term in terms if found_phrases(translation, wrong) else ():
        if found_phrases(source, term.english):
            found.update((word, term.better[language]) for word in found_phrases(translation, term.wrong[language]))
    return tuple(found.items())
