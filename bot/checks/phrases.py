"""Words that are not said to people, and how they are found.

Rule 1: a phrase is found as whole words, whatever its case, accents and letter forms; an Arabic word also behind و ف ب ك ل.
Rule 2: the lists are closed: what is in none of them is not judged here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from types import MappingProxyType
from typing import Final

from bot.i18n.fold import fold

NEVER: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "en": {
            "you are eligible": "people in your situation can ask",
            "guaranteed": "can be asked",
            "for sure": "can be asked",
            "illegal": "without papers",
            "illegals": "without papers",
            "clandestine": "without papers",
            "victim": "what you say is serious",
            "victims": "people someone has forced",
            "deportation": "going home with help",
            "repatriation": "going home with help",
            "human traffic": "someone forces you",
            "calm down": "thank you for writing this",
            "don’t worry": "here is what is known",
            "do not worry": "here is what is known",
            "simply": "",
            "just press": "",
            "just write": "",
            "just call": "",
            "easy": "",
            "you must": "you can",
            "you have to": "it helps to",
            "why did you": "",
            "we will save you": "nobody can be sent; call",
            "fully confidential": "with one limit: the law",
            "commit suicide": "your life matters",
            "blacks": "people",
            "harraga": "people",
            "your case": "your request",
            "your file number": "your request",
            "soon": "next answer: {when}",
            "shortly": "next answer: {when}",
            "in a moment": "next answer: {when}",
            "unfortunately": "",
            "invalid answer": "the machine did not understand",
            "wrong input": "the machine did not understand",
        },
        "fr": {
            "vous êtes éligible": "vous pouvez demander",
            "vous avez droit": "vous pouvez demander",
            "éligible": "vous pouvez demander",
            "garanti": "personne ne peut promettre",
            "illégal": "sans papiers",
            "illégale": "sans papiers",
            "illégaux": "sans papiers",
            "clandestin": "sans papiers",
            "clandestine": "sans papiers",
            "clandestins": "sans papiers",
            "victime": "ce que vous dites est grave",
            "victimes": "des personnes qu’on force",
            "rescapée": "une personne qui en est sortie",
            "rapatriement": "rentrer au pays",
            "reconduite": "rentrer au pays",
            "trafic": "on vous force",
            "esclavage": "on profite de vous",
            "calmez-vous": "merci de l’avoir écrit",
            "ne vous inquiétez pas": "voici ce qu’on sait",
            "rassurez-vous": "voici ce qu’on sait",
            "simplement": "",
            "il suffit de": "",
            "c’est facile": "",
            "vous devez": "vous pouvez",
            "il faut que": "c’est mieux de",
            "pourquoi êtes-vous": "",
            "on va vous sauver": "nous ne pouvons envoyer personne",
            "secret absolu": "une limite : la loi",
            "100 % anonyme": "une limite : la loi",
            "faire une bêtise": "votre vie compte",
            "les africains": "des personnes",
            "subsaharien": "des personnes",
            "subsahariens": "des personnes",
            "harraga": "des personnes",
            "votre cas": "votre demande",
            "bientôt": "prochaine réponse : {when}",
            "tout de suite": "prochaine réponse : {when}",
            "malheureusement": "",
            "réponse incorrecte": "la machine n’a pas compris",
            "enrôlement": "donner son nom à l’OIM",
            "interrogatoire": "parler avec l’OIM",
            "boniche": "travail à la maison",
            "proxénète": "la personne qui a trouvé le travail",
            "mineur": "moins de 18 ans",
            "mineurs": "moins de 18 ans",
            "faux réfugié": "",
            "dénonciation": "dire ce qui ne va pas",
            "désolé": "pardon",
            "désolée": "pardon",
        },
        "ar": {
            "مؤهل": "يمكن تقديم طلب",
            "مؤهلة": "يمكن تقديم طلب",
            "مستوفٍ للشروط": "يمكن تقديم طلب",
            "من المستفيدين": "يمكن تقديم طلب",
            "مضمون": "لا أحد يستطيع الوعد",
            "أكيد": "لا أحد يستطيع الوعد",
            "نعدك": "لا أحد يستطيع الوعد",
            "غير شرعي": "دون أوراق",
            "غير شرعية": "دون أوراق",
            "غير قانوني": "دون أوراق",
            "غير قانونية": "دون أوراق",
            "ضحية": "هذا الأمر جدّي",
            "الضحية": "هذا الأمر جدّي",
            "ضحايا": "أشخاص",
            "منكوبة": "شخص خرج من ذلك",
            "ترحيل": "العودة إلى البلد",
            "الترحيل": "العودة إلى البلد",
            "ترحيلك": "العودة إلى البلد",
            "ترحيلكم": "العودة إلى البلد",
            "ترحيله": "العودة إلى البلد",
            "ترحيلها": "العودة إلى البلد",
            "ترحيلهم": "العودة إلى البلد",
            "إبعاد": "العودة إلى البلد",
            "تهريب": "استغلال",
            "بيع البشر": "استغلال",
            "عبودية": "استغلال",
            "اهدأ": "شكراً على كتابة هذا",
            "هدئي": "شكراً على كتابة هذا",
            "لا تقلق": "هذا ما نعرفه",
            "لا تخف": "هذا ما نعرفه",
            "ببساطة": "",
            "ما عليك إلا": "",
            "يجب": "الأفضل",
            "لا بد": "من المهم",
            "عليك أن": "يمكن",
            "لماذا": "",
            "سننقذك": "لا نستطيع إرسال أحد",
            "سرية تامة": "مع حدّ واحد",
            "سر مطلق": "مع حدّ واحد",
            "حرام": "حياتك مهمة",
            "ضعف إيمان": "حياتك مهمة",
            "أفارقة": "أشخاص",
            "الأفارقة": "أشخاص",
            "عزي": "أشخاص",
            "كحلوش": "أشخاص",
            "حراقة": "أشخاص",
            "متسلل": "أشخاص",
            "قضيتك": "طلبك",
            "قريباً": "الجواب القادم: {when}",
            "حالاً": "الجواب القادم: {when}",
            "المفوضية": "مفوضية اللاجئين",
            "استنطاق": "الحديث مع المنظمة",
            "مرشد": "شخص من الفريق",
            "مرشدة": "شخص من الفريق",
            "باطل": "مجاني",
            "خادمة": "عمل في البيت",
            "قواد": "الشخص الذي جلب العمل",
            "ملجأ": "مكان للنوم",
            "مريض نفسي": "شخص يستمع",
            "الدفاع المدني": "الإسعاف",
            "قاصر": "أقل من 18 سنة",
            "لاجئ اقتصادي": "",
            "وشاية": "قول ما حدث من خطأ",
            "بلاغ كيدي": "قول ما حدث من خطأ",
            "إن شاء الله": "",
            "الحمد لله": "",
            "إجابة خاطئة": "الآلة لم تفهم",
            "إعادة الإدماج": "بداية جديدة في البلد",
        },
    }
)
"""Language → what is never said → what is said in its place (nothing: it is left out)."""

GENDERED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "اضغط": "يمكن الضغط على الزر",
        "اضغطي": "يمكن الضغط على الزر",
        "اكتب": "كتابة رقم تكفي",
        "اكتبي": "كتابة رقم تكفي",
        "اختر": "أي لغة؟",
        "اختاري": "أي لغة؟",
        "انتظر": "الجواب القادم: {when}",
        "انتظري": "الجواب القادم: {when}",
        "اتصل": "يمكن الاتصال بهذا الرقم",
        "اتصلي": "يمكن الاتصال بهذا الرقم",
        "أنتم": "",
        "أنت خائف": "هل هناك خوف",
        "أنت وحيد": "هل يوجد أحد بقربك؟",
        "أنت متأكد": "هل هذا هو الجواب؟",
        "أنت مسجل": "هل لديك ملف",
        "كنت حاملاً": "في حالة الحمل",
        "كنت مريضاً": "في حالة المرض",
        "هل تستطيع": "هل الكتابة آمنة",
        "هل توافق": "هل هناك موافقة",
        "هل تريد": "ما المطلوب؟",
        "ماذا تريد": "ما المطلوب؟",
        "تحدث إلى": "الحديث مع شخص من الفريق",
        "أخي": "",
        "أختي": "",
        "قم ب": "",
        "يرجى": "الرجاء",
    }
)
"""Arabic that orders, or that guesses whether a man or a woman reads → a way to say it to both."""


_MEANS_ELSE: Final = tuple(fold(phrase) for phrase in ("as soon as", "لم يجب"))
"""Where a phrase of the lists means something else."""


def found_phrases(text: str, phrases: Sequence[str]) -> tuple[str, ...]:
    """Those of the phrases that the text holds, as whole words, in the order of the text."""
    by_head, by_group = _pattern(tuple(phrases))
    bare = bare_words(text)
    heads = by_head.keys() & bare.split()
    if not heads:
        return ()
    bare = f" {bare} "
    for other in _MEANS_ELSE:
        bare = bare.replace(f" {other} ", " ")
    hits: dict[str, None] = {}
    end = 0
    for begin, head in sorted((place, word) for word in heads for place in _places(bare, word)):
        match = _compiled(by_head[head]).match(bare, begin) if begin >= end else None
        if match is not None:
            hits[by_group[match.lastgroup or ""]] = None
            end = match.end()
    return tuple(hits)


def _places(bare: str, word: str) -> Iterator[int]:
    """Where the word begins, each time that it stands there whole."""
    place = bare.find(f" {word} ")
    while place >= 0:
        yield place + 1
        place = bare.find(f" {word} ", place + 1)


@lru_cache(maxsize=64)
def bare_words(text: str) -> str:
    """Folded words; `%` is a word too, since *100 %* promises and 100 does not."""
    text = text.replace("٪", "%")
    return " % ".join(map(fold, text.split("%"))) if "%" in text else fold(text)


@lru_cache(maxsize=256)
def _pattern(phrases: tuple[str, ...]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """First word of a phrase → a pattern of every phrase that can begin with it, the longest first; and the phrase of each group."""
    by_group: dict[str, str] = {}
    parts: dict[str, list[str]] = {}
    for number, phrase in enumerate(sorted(phrases, key=len, reverse=True)):
        bare = " ".join(bare_words(phrase).split())
        if bare:
            by_group[f"p{number}"] = phrase
            for head in _begun(bare.split()[0]):
                parts.setdefault(head, []).append(f"(?P<p{number}>{_spelled(bare)})")
    return {head: rf"(?:{'|'.join(some)})(?= )" for head, some in parts.items()}, by_group


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, made when a text first has its word."""
    return re.compile(pattern)


def _spelled(bare: str) -> str:
    spelled = r" +".join(re.escape(word) for word in bare.split())
    if not re.match("[\u0600-\u06ff]", bare):
        return spelled
    if bare.startswith("ال"):
        return rf"(?:[وفبك]{{0,2}}ال|[وف]?لل){spelled.removeprefix('ال')}"
    return rf"[وفبكل]{{0,2}}{spelled}"


def _begun(word: str) -> Iterator[str]:
    """Every spelling of a first word that `_spelled` finds."""
    if not re.match("[\u0600-\u06ff]", word):
        yield word
    elif word.startswith("ال"):
        rest = word.removeprefix("ال")
        yield from (f"{''.join(before)}ال{rest}" for length in range(3) for before in product("وفبك", repeat=length))
        yield from (f"{before}لل{rest}" for before in ("", "و", "ف"))
    else:
        yield from (f"{''.join(before)}{word}" for length in range(3) for before in product("وفبكل", repeat=length))
