"""Phrases are found word by word as one pattern over the whole text would find them."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.checks import phrases
from bot.checks.glossary import GLOSSARY, wrong_terms
from bot.checks.phrases import GENDERED, NEVER, found_phrases

LISTS = [*(tuple(words) for words in NEVER.values()), tuple(GENDERED), ("100 %", "%"), *(term.english for term in GLOSSARY)]
WORDS = sorted({word for listed in LISTS for phrase in listed for word in phrase.split()} | {"as", "soon", "لم", "يجب", "a", "the", "100"})
PREFIXES = ("", "و", "ب", "وب", "لل", "ولل", "ال", "وال", "كال", "ق", "x")


@given(st.lists(st.tuples(st.sampled_from(PREFIXES), st.sampled_from(WORDS)), max_size=6), st.sampled_from(LISTS))
@settings(max_examples=600, deadline=None)
def test_word_by_word_finds_what_one_pattern_finds(said: list[tuple[str, str]], listed: tuple[str, ...]) -> None:
    text = " ".join(prefix + word for prefix, word in said)

    by_words = found_phrases(text, listed)

    whole = sorted(((phrase, " ".join(phrases.bare_words(phrase).split())) for phrase in listed), key=lambda each: -len(each[0]))
    groups = {f"p{number}": phrase for number, (phrase, bare) in enumerate(whole) if bare}
    spelled = "|".join(f"(?P<p{number}>{phrases._spelled(bare)})" for number, (_, bare) in enumerate(whole) if bare)
    bare = f" {phrases.bare_words(text)} "
    for other in phrases._MEANS_ELSE:
        bare = bare.replace(f" {other} ", " ")
    found = re.compile(rf"(?<= )(?:{spelled})(?= )").finditer(bare)
    assert by_words == tuple(dict.fromkeys(groups[match.lastgroup or ""] for match in found))


def test_every_phrase_of_every_list_is_found_alone() -> None:
    for listed in LISTS:
        for phrase in listed:
            if phrase != "%":
                assert found_phrases(f"x {phrase} x", (phrase,)) == (phrase,), phrase


def test_every_wrong_word_of_every_term_is_found_with_its_term() -> None:
    for term in GLOSSARY:
        for language, words in term.wrong.items():
            for word in words:
                assert (word, term.better[language]) in wrong_terms(term.english[0], word, language)
