"""How texts are written: short, neutral where a screen may be seen, free of promises, whole in the signs of each language.

Rule 1: limits hold for the source and for each translation; a problem stands where its author mends it: the flow, or the catalog.
Rule 2: values count as one word, and characters are counted before they are filled in.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from bot.checks.asking import asked_too_much
from bot.checks.faithful import lacking
from bot.checks.glossary import wrong_terms
from bot.checks.inflected import inflected
from bot.checks.phrases import GENDERED, NEVER, bare_words, found_phrases
from bot.checks.promised import promised
from bot.checks.signs import arabic_faults, french_faults, isolate_faults, loud_faults, vowel_faults
from bot.flow.draft import Draft, SourceText
from bot.flow.language import GLOBAL_WORDS
from bot.flow.problem import Problem, place_of
from bot.i18n.catalog import Catalog
from bot.i18n.placeholders import cut

RULES: Final = (
    "too-many-sentences",
    "sentence-too-long",
    "too-long-for-channel",
    "question-last",
    "promise",
    "promised-time",
    "promised-help",
    "asks-too-much",
    "not-neutral",
    "never-said",
    "glossary",
    "gender",
    "isolates",
    "french-signs",
    "loud",
    "lost-meaning",
    "lost-words",
)
"""The rules that this file finds."""
LONGEST: Final[Mapping[str, int]] = {"ar": 170}
LONGEST_ELSEWHERE: Final = 200
LONGEST_BUTTON: Final = 30
MESSAGES: Final = frozenset({"text", "page", "help", "none", "engine", "reply"})
"""Kinds of texts that arrive as a message."""
_BUTTON_KEYS: Final = {"done", "next", "enough", "agree", "refuse", "skip", "yes", "no", *GLOBAL_WORDS} - {"help"}
ENGINE_BUTTONS: Final = frozenset(f"bot.{key}" for key in _BUTTON_KEYS)
"""Texts of the engine that are buttons; `bot.help` is what the word help is answered with."""
WARNINGS: Final = frozenset({"lost-words"})
"""Rules by which somebody must judge: what they find stops nothing."""
_SENTENCE: Final = re.compile(r"(?<=[.?!؟。])(?:[»\u00a0]*)(?:\s+|$)")
_PAGE_NUMBER: Final = re.compile(r"^\s*[\u2066]?\d+[\u2069]?\.\s")
_ISOLATES: Final = re.compile("[\u2066-\u2069]")
_GAPS: Final = re.compile(r"[ \n\t]+")
_QUESTION: Final = ("?", "؟")


@dataclass(frozen=True, slots=True)
class Said:
    """One text in one language, and where its author mends it."""

    source: SourceText
    language: str
    text: str
    file: str
    line: int
    column: int = 1
    sensitive: bool = False
    english: str = ""
    """What the text says in English, by which terms are told; the source itself if it is English or nothing else is known."""
    origin: str = ""
    """The language of the source; nothing, if it is not known."""

    @property
    def is_button(self) -> bool:
        """Whether it stands on a button."""
        return self.source.kind == "button" or self.source.id in ENGINE_BUTTONS

    @property
    def is_message(self) -> bool:
        """Whether it arrives as a message."""
        return self.source.kind in MESSAGES and not self.is_button


@dataclass(frozen=True, slots=True)
class Limits:
    """What bot.yaml says of wording."""

    sentences: int = 3
    words: int = 12
    preview: int = 60
    promise: tuple[str, ...] = ()
    not_first: tuple[str, ...] = ()


def wording(draft: Draft, catalogs: Mapping[str, Catalog], paths: Mapping[str, str], faults: "Faults | None" = None) -> tuple[Problem, ...]:
    """Every problem of wording, in the source and in each catalog (by language; `paths`: where each stands).

    `faults`: `faults_of`, or what gives the same.
    """
    limits, faults = limits_of(draft), faults_of if faults is None else faults
    found = [problem for said in texts_said(draft, catalogs, paths) for problem in _placed(said, faults(said, limits))]
    return tuple(sorted(dict.fromkeys(found), key=place_of))


def limits_of(draft: Draft) -> Limits:
    """The limits of the bundle; the usual ones when bot.yaml could not be read."""
    if draft.bot is None:
        return Limits()
    given, words = draft.bot.limits, draft.bot.wording
    return Limits(given.sentences, given.words, given.preview, words.promise, words.not_first)


def texts_said(draft: Draft, catalogs: Mapping[str, Catalog], paths: Mapping[str, str]) -> Iterator[Said]:
    """Each text for people, in the source and in every language that has it from this source."""
    source_language = "en" if draft.bot is None else draft.bot.source
    for text in draft.texts:
        if text.kind == "title":
            continue
        flow = draft.flows.get(text.id.split(":")[0].split(".")[0])
        sensitive = flow is not None and flow.sensitive and flow.file == text.file
        english = english_of(text, source_language, catalogs)
        yield Said(text, source_language, text.text, text.file, text.line, text.column, sensitive, english, source_language)
        for language, catalog in catalogs.items():
            entry = catalog.entries.get(text.id)
            if entry is not None and entry.is_done and entry.source == text.text and language != source_language:
                yield Said(text, language, entry.forms[0], paths[language], entry.line, 1, sensitive, english, source_language)


def english_of(text: SourceText, source_language: str, catalogs: Mapping[str, Catalog]) -> str:
    """What the text says in English: its source, or its translation if that is done; else nothing."""
    if source_language == "en" or "en" not in catalogs:
        return text.text if source_language == "en" else ""
    entry = catalogs["en"].entries.get(text.id)
    return entry.forms[0] if entry is not None and entry.is_done and entry.source == text.text else ""


def problems_of(said: Said, limits: Limits) -> Iterator[Problem]:
    """Every problem of one text."""
    return _placed(said, faults_of(said, limits))


def _placed(said: Said, faults: "Iterable[Fault]") -> Iterator[Problem]:
    for fault in faults:
        sentence = f"{said.source.id}: {fault.sentence}"
        yield Problem(fault.rule, said.file, said.line, said.column, sentence, fault.better, fault.rule in WARNINGS)


class Fault(NamedTuple):
    """What is wrong with one text. `better`: what is meant. `word`: the words it is about, if it is about some. `n`, `most`: counted."""

    rule: str
    sentence: str
    better: str = ""
    word: str = ""
    n: int = 0
    most: int = 0


Faults: TypeAlias = Callable[[Said, Limits], Iterable[Fault]]
"""Gives everything that is wrong with one text."""


def faults_of(said: Said, limits: Limits) -> Iterator[Fault]:
    """Everything that is wrong with one text, wherever it stands: nothing else of it counts than `judged_by` gives."""
    yield from _length(said, limits)
    yield from _words(said, limits)
    if said.is_message or said.is_button:
        yield from _harm(said)
    yield from _signs(said)


def judged_by(said: Said, limits: Limits) -> tuple[bool, bool, str, str, str, str, str, bool, Limits]:
    """All that a text is judged by."""
    source = said.source.text
    return said.is_button, said.is_message, said.english or source, source, said.origin, said.language, said.text, said.sensitive, limits


def longest(said: Said) -> int:
    """The most characters the text may have in its language; 0 where nothing counts them."""
    if said.is_button:
        return LONGEST_BUTTON
    return LONGEST.get(said.language, LONGEST_ELSEWHERE) if said.is_message else 0


def length_of(text: str) -> int:
    """Characters of a text as they are counted: isolates are not seen."""
    return len(_visible(text).strip())


def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a message; a number with a point before a page is none."""
    bare = _PAGE_NUMBER.sub("", text)
    return tuple(part.strip() for part in _SENTENCE.split(bare) if part and part.strip())


def words_of(sentence: str) -> tuple[str, ...]:
    """The words between spaces; a no-break space joins, and what has no letter and no digit is no word."""
    joined = "value".join(cut(sentence)[::2])
    return tuple(word for word in _GAPS.split(joined) if word[:1].isalnum() or any(char.isalnum() for char in word))


def opening(text: str, preview: int) -> str:
    """What a locked screen shows: so many characters, and the rest of the word that they end in."""
    rest = re.match(r"\S*", text[preview:])
    return text[:preview] + (rest.group() if rest else "")


def _length(said: Said, limits: Limits) -> Iterator[Fault]:
    most = longest(said)
    if most and len(said.text) > most and (length := length_of(said.text)) > most:
        on = " on a button" if said.is_button else ""
        yield Fault("too-long-for-channel", f"{length} characters{on}; the most is {most}", n=length, most=most)
    if said.is_message:
        yield from _sentences(sentences_of(said.text), limits)


def _sentences(sentences: tuple[str, ...], limits: Limits) -> Iterator[Fault]:
    if len(sentences) > limits.sentences:
        sentence = f"{len(sentences)} sentences; the most is {limits.sentences}"
        yield Fault("too-many-sentences", sentence, n=len(sentences), most=limits.sentences)
    for sentence in sentences:
        if sum(map(sentence.count, " \n\t")) < limits.words:
            continue  # so few gaps part no more words than are read
        count = len(words_of(sentence))
        if count > limits.words:
            begins = _beginning(sentence)
            yield Fault("sentence-too-long", f"{count} words in ‹{begins}›; the most is {limits.words}", "", begins, count, limits.words)
    if any(_is_question(sentence) for sentence in sentences[:-1]):
        yield Fault("question-last", "a question comes last, and there is one at most")


def _words(said: Said, limits: Limits) -> Iterator[Fault]:
    for phrase in found_phrases(said.text, limits.promise):
        yield Fault("promise", f"‹{phrase}› promises what nobody can promise", word=phrase)
    if said.sensitive and said.is_message:
        for phrase in found_phrases(opening(said.text, limits.preview), limits.not_first):
            sentence = f"‹{phrase}› stands in the first {limits.preview} characters, which a locked screen shows"
            yield Fault("not-neutral", sentence, word=phrase, most=limits.preview)
    yield from _unkind(said)
    for word, better in wrong_terms(said.english or said.source.text, said.text, said.language):
        yield Fault("glossary", f"‹{word}› is another thing than the source says", better, word)
    if said.language == "ar":
        for phrase in found_phrases(said.text, tuple(GENDERED)):
            yield Fault("gender", f"‹{phrase}› orders, or guesses whether a man or a woman reads", GENDERED[phrase], phrase)


def _unkind(said: Said) -> Iterator[Fault]:
    never = NEVER.get(said.language, {})
    listed = found_phrases(said.text, tuple(never))
    for phrase in listed:
        yield Fault("never-said", f"‹{phrase}› is not said to people", never[phrase], phrase)
    for form, better in inflected(bare_words(said.text), said.language):
        if not any(bare_words(phrase) in form for phrase in listed):
            yield Fault("never-said", f"‹{form}› is not said to people", better, form)


def _harm(said: Said) -> Iterator[Fault]:
    bare = bare_words(said.text)
    for rule, words in promised(said.text, bare, said.language):
        what = "a day or a delay" if rule == "promised-time" else "what nobody here can give"
        yield Fault(rule, f"‹{words}› promises {what}; say who decides, and what can be asked", word=words)
    for words in asked_too_much(said.text, bare, said.language):
        yield Fault(
            "asks-too-much", f"‹{words}› asks for what a chat may not know: a story, a name, papers, a picture, the exact place", word=words
        )
    if said.origin and said.language != said.origin:
        for lack in lacking(said.source.text, said.origin, said.text, said.language):
            yield Fault(lack.rule, lack.sentence, word=lack.word)


def _signs(said: Said) -> Iterator[Fault]:
    yield from (Fault("isolates", sentence) for sentence in isolate_faults(said.text))
    yield from (Fault("loud", sentence) for sentence in loud_faults(said.text, button=said.is_button))
    if said.language == "ar":
        yield from (Fault("isolates", sentence) for sentence in arabic_faults(said.text))
        yield from (Fault("gender", sentence) for sentence in vowel_faults(said.text))
    if said.language == "fr":
        yield from (Fault("french-signs", sentence) for sentence in french_faults(said.text))


def _is_question(sentence: str) -> bool:
    return sentence.rstrip("»\u00a0\u2069 ").endswith(_QUESTION)


def _visible(text: str) -> str:
    return _ISOLATES.sub("", text)


def _beginning(sentence: str) -> str:
    words: Sequence[str] = sentence.split()
    return " ".join(words[:4]) + ("…" if len(words) > 4 else "")
