"""How texts are written, in three languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.checks.wording import RULES, Limits, Said, opening, problems_of, sentences_of, words_of
from bot.flow.draft import SourceText

LRI, PDI = "\u2066", "\u2069"
LIMITS = Limits(promise=("guaranteed", "100 %", "مضمون"), not_first=("police", "return", "الشرطة"))


def rules(text: str, language: str = "en", *, kind: str = "text", sensitive: bool = False, text_id: str = "a.b") -> list[str]:
    source = SourceText(text_id, text, "flows/a.yaml", 3, "", 5, kind)  # type: ignore[arg-type]
    return [problem.rule for problem in problems_of(Said(source, language, text, "flows/a.yaml", 3, 5, sensitive), LIMITS)]


GOOD = {
    "en": "People in your situation can ask. IOM decides after talking with you.\nCan you write safely?",
    "fr": "C’est gratuit. L’équipe répond « oui » ou « non ».\nPouvez-vous écrire sans danger\u00a0?".replace("« ", "«\u00a0").replace(
        " »", "\u00a0»"
    ),
    "ar": f"المساعدة مجانية. قبل سن {LRI}18{PDI} سنة، الحديث مع {LRI}IOM{PDI} ممكن. هل الكتابة آمنة الآن؟",
}


@pytest.mark.parametrize("language", GOOD)
def test_a_good_text_has_no_problem(language: str):
    assert rules(GOOD[language], language, sensitive=True) == []


def test_a_problem_says_where_and_what():
    source = SourceText("a.b", "x", "flows/a.yaml", 3, "", 5)
    problem = next(iter(problems_of(Said(source, "en", "You must ask.", "flows/a.yaml", 3, 5), LIMITS)))
    assert str(problem) == "flows/a.yaml:3:5: never-said: a.b: ‹you must› is not said to people; did you mean ‹you can›?"


def test_more_than_three_sentences_are_too_many():
    assert rules("One. Two. Three. Four.") == ["too-many-sentences"]
    assert rules("One. Two. Three.") == []
    assert rules("One. Two. Three. Four.", kind="label") == []


def test_more_than_twelve_words_are_a_sentence_too_long():
    assert rules("a b c d e f g h i j k l m.") == ["sentence-too-long"]
    assert rules("a b c d e f g h i j k l.") == []


def test_a_page_number_is_no_sentence_and_a_mark_alone_is_no_word():
    assert sentences_of("3. Who pays?\nNobody.") == ("Who pays?", "Nobody.")
    assert sentences_of("C’est à 8.30 ici. Oui") == ("C’est à 8.30 ici.", "Oui")
    assert words_of("Pouvez-vous écrire\u00a0? – {team.protection.next} {LRI}18{PDI}".replace("{LRI}", LRI).replace("{PDI}", PDI)) == (
        "Pouvez-vous",
        "écrire\u00a0?",
        "value",
        f"{LRI}18{PDI}",
    )


def test_sentences_end_at_marks_before_a_space():
    assert sentences_of("هل الكتابة آمنة؟ نعم. «شكراً.»") == ("هل الكتابة آمنة؟", "نعم.", "«شكراً.")


def test_two_hundred_characters_are_the_most_and_fewer_in_arabic():
    assert rules("abcdefghi " * 20 + "x.") == ["too-long-for-channel", "sentence-too-long"]
    assert "too-long-for-channel" not in rules("abcdefghi " * 19)
    assert "too-long-for-channel" in rules("كتابة آمنة " * 16, "ar")


def test_a_button_has_thirty_characters_and_isolates_do_not_count():
    assert rules("x" * 31, kind="button") == ["too-long-for-channel"]
    assert rules(f"شخص {LRI}" + "x" * 26 + PDI, "ar", kind="button") == []
    assert rules("x" * 31, kind="engine", text_id="bot.human") == ["too-long-for-channel"]
    assert rules("x" * 31, kind="engine", text_id="bot.help") == []


def test_a_question_comes_last_and_alone():
    assert rules("Are you safe? Press a button.") == ["question-last"]
    assert rules("Are you safe? Are you alone?") == ["question-last"]
    assert rules("Press a button. Are you safe?") == []


def test_promises_are_found_as_whole_words_and_percent_only_with_its_sign():
    assert rules("The place is Guaranteed.") == ["promise", "never-said"]
    assert rules("C’est sûr à 100 %.", "fr") == ["promise"]
    assert rules("C’est sûr à 100\u00a0%.", "fr") == ["promise"]
    assert rules("Cela coûte 100 dinars.", "fr") == []
    assert rules("المكان ومضمون.", "ar") == ["promise", "never-said"]


def test_the_opening_of_a_sensitive_text_is_neutral():
    assert rules("The police may come.", sensitive=True) == ["not-neutral"]
    assert rules("The police may come.") == []
    assert rules("قد تصل وللشرطة رقم.", "ar", sensitive=True) == ["not-neutral"]
    assert rules("Here is one thing first, it is long enough to fill a whole screen. The police.", sensitive=True) in (
        [],
        ["sentence-too-long"],
    )
    assert rules("Police", kind="button", sensitive=True) == []


def test_the_opening_takes_the_word_that_it_ends_in():
    assert opening("abc defgh ij", 5) == "abc defgh"
    assert opening("abc", 5) == "abc"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("An answer comes soon.", "en"),
        ("Don't worry.", "en"),
        ("Vous DEVEZ demander.", "fr"),
        ("Il faut que vous signiez.", "fr"),
        ("Une victime de trafic.", "fr"),
        ("يجب الاتصال.", "ar"),
        ("العودة ترحيل.", "ar"),
        ("عند المفوضية.", "ar"),
    ],
)
def test_what_is_never_said_is_found(text: str, language: str):
    assert "never-said" in rules(text, language)


@pytest.mark.parametrize(
    ("text", "language"), [("Tell the team as soon as you can.", "en"), ("La traite.", "fr"), ("مفوضية اللاجئين تجيب.", "ar")]
)
def test_what_only_looks_like_it_is_not(text: str, language: str):
    assert rules(text, language) == []


@pytest.mark.parametrize(
    ("source", "language", "wrong", "right"),
    [
        ("A caseworker reads this.", "fr", "Un agent lit ceci.", "Quelqu’un de l’équipe lit ceci."),
        ("Your consent.", "ar", "رضا.", "موافقتك."),
        ("Ask for legal help.", "ar", "طلب دعوى.", "طلب نصيحة قانونية."),
    ],
)
def test_a_term_has_its_own_word_where_the_source_has_the_term(source: str, language: str, wrong: str, right: str):
    def found(english: str, text: str) -> list[str]:
        text_of = SourceText("a.b", english, "flows/a.yaml", 3, "")
        return [problem.rule for problem in problems_of(Said(text_of, language, text, "x.po", 1), LIMITS)]

    assert found(source, wrong) == ["glossary"]
    assert found(source, right) == []
    assert found("Something else.", wrong) == []


def test_arabic_does_not_order_and_does_not_guess_who_reads():
    assert rules("اضغط على الزر.", "ar") == ["gender"]
    assert rules("هل معكَ أحد؟", "ar") == ["gender"]
    assert rules("وُلدتِ هنا.", "ar") == ["gender"]
    assert rules("شكراً لك. تُمحى الأجوبة، وأكّد الفريق ذلك.", "ar") == []


@pytest.mark.parametrize("text", ["قبل سن 18 سنة.", "موقع Telegram هنا.", f"رقم {LRI}14.", f"رقم 14{PDI}.", "رقم \u200e.", "السن ١٨."])
def test_latin_and_digits_in_arabic_stand_in_isolates(text: str):
    assert set(rules(text, "ar")) == {"isolates"}


def test_values_and_names_of_languages_need_no_isolate():
    assert rules("الجواب القادم: {team.protection.next}.", "ar") == []
    assert rules("Français", "ar", kind="button") == []


@pytest.mark.parametrize(
    "text",
    ["C'est vrai.", "Vraiment ?", "Vraiment?", "Ici: {to}.", "Ici\u202f: {to}.", "« oui\u00a0»", "un·e ami·e", "Êtes-vous seul(e) ici"],
)
def test_french_signs(text: str):
    assert set(rules(text, "fr")) == {"french-signs"}


def test_times_and_addresses_are_no_french_marks():
    assert rules("À 08:30, voir https://example.org.", "fr") == []


def test_nothing_is_shouted():
    assert rules("Welcome!") == ["loud"]
    assert rules("Hello 👍") == ["loud"]
    assert rules("Listen 🔊", kind="button") == []
    assert rules("Listen 🔊") == ["loud"]


@given(st.text(), st.sampled_from(["en", "fr", "ar"]), st.sampled_from(["text", "button", "page", "label"]), st.booleans())
def test_any_text_can_be_judged(text: str, language: str, kind: str, sensitive: bool):
    assert all(rule in RULES for rule in rules(text, language, kind=kind, sensitive=sensitive))
