"""Phrases are found as the pattern finds them; a first look at single words only saves the search."""

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
def test_the_first_look_hides_nothing(said: list[tuple[str, str]], listed: tuple[str, ...]) -> None:
    text = " ".join(prefix + word for prefix, word in said)

    with_look = found_phrases(text, listed)

    pattern, by_group, _ = phrases._pattern(listed)
    bare = f" {phrases._bare(text)} "
    for other in phrases._MEANS_ELSE:
        bare = bare.replace(f" {other} ", " ")
    assert pattern is not None
    assert with_look == tuple(dict.fromkeys(by_group[match.lastgroup or ""] for match in pattern.finditer(bare)))


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
