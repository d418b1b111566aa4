"""flows/words.yaml: what people type in trouble is found, and what only looks like it is not."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.flow.model_service import WordsModel
from bot.flow.source import read_yaml
from bot.flow.tree import plain
from bot.i18n.fold import fold
from bot.i18n.lexicon import Lexicon, compile_lexicon

FLOWS = Path(__file__).parents[2] / "flows"
GLOBAL = ["stop", "erase", "help", "human", "menu", "back", "repeat", "language", "privacy"]
SCRIPTS = ["en", "fr", "ar", "ar-latn"]


def read(path: Path) -> Any:
    node, problems = read_yaml(path.name, path.read_text(encoding="utf-8"))
    assert not problems, problems
    assert node is not None
    return plain(node)


WORDS = read(FLOWS / "words.yaml")
LEXICON: Lexicon = compile_lexicon(WORDS["filler"], WORDS["global"], WORDS["danger"], WORDS["answers"])


def folded(spellings: dict[str, list[str]]) -> set[str]:
    return {fold(spelling) for listed in spellings.values() for spelling in listed}


def heard_choices() -> set[str]:
    flows = [read(path) for path in sorted(FLOWS.glob("*.yaml"))]
    steps = [step for flow in flows for step in flow.get("steps", ()) if isinstance(step, dict)]
    return {key for step in steps if step.get("heard") == "yes" and isinstance(step["choices"], dict) for key in step["choices"]}


HEARD = heard_choices()


# The lists themselves


def test_the_file_is_what_the_model_of_words_allows() -> None:
    WordsModel.model_validate(WORDS)


def test_the_global_words_are_the_nine_and_danger_groups_stand_in_their_order() -> None:
    assert list(WORDS["global"]) == GLOBAL
    assert list(WORDS["danger"])[:5] == ["fear", "life", "violence", "medical", "watched"]
    assert [group for group, rows in WORDS["danger"].items() if rows.get("leave") == "yes"] == ["watched", "someone-else"]


@pytest.mark.parametrize("name", GLOBAL)
def test_each_global_word_has_many_spellings_in_every_way_of_writing(name: str) -> None:
    assert len(folded(WORDS["global"][name])) >= 15
    assert [script for script in SCRIPTS if len({fold(spelling) for spelling in WORDS["global"][name][script]}) < 12] == []


def test_each_danger_group_and_each_choice_is_spelled_in_every_way_of_writing() -> None:
    few = [
        (name, script)
        for name, rows in [*((name, group["words"]) for name, group in WORDS["danger"].items()), *WORDS["answers"].items()]
        for script in SCRIPTS
        if len({fold(spelling) for spelling in rows[script]}) < 10
    ]

    assert few == []


def test_no_spelling_has_two_global_meanings_and_none_is_filler() -> None:
    meanings = defaultdict(set)
    for name, spellings in WORDS["global"].items():
        for spelling in folded(spellings):
            meanings[spelling].add(name)

    assert {spelling: names for spelling, names in meanings.items() if len(names) > 1} == {}
    assert set(meanings) & {fold(spelling) for spelling in WORDS["filler"]} == set()


def test_yes_no_unsure_and_skip_share_no_spelling() -> None:
    lists = [folded(WORDS["answers"][key]) for key in ("yes", "no", "unsure", "skip")]

    assert sum(map(len, lists)) == len(set.union(*lists))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("human", "I want a human"), ("human", "Can I talk to a person, please?"), ("human", "Je veux quelqu’un."),
        ("human", "Je voudrais parler à une personne"), ("human", "أريد إنساناً"), ("human", "أريد أن أتحدث مع شخص من فضلك"), ("human", "bghit insan 3afak"),
        ("erase", "Delete my messages"), ("erase", "Je veux tout effacer"), ("erase", "supprimez tout"), ("erase", "أريد مسح كل شيء"),
        ("stop", "Stop writing to me"), ("stop", "Ne m’écrivez plus"), ("stop", "لا تكتبوا لي"),
    ],
)  # fmt: skip
def test_a_global_word_is_heard_in_a_whole_sentence(name: str, said: str) -> None:
    found = LEXICON.global_word(fold(said))

    assert found is not None
    assert found[0] == name


def test_only_going_home_and_names_of_languages_are_both_a_global_word_and_an_answer() -> None:
    answers = defaultdict(set)
    for key, spellings in WORDS["answers"].items():
        for spelling in folded(spellings):
            answers[spelling].add(key)
    both = {(answers_key, name) for name in GLOBAL for spelling in folded(WORDS["global"][name]) for answers_key in answers[spelling]}

    assert both == {("home", "back"), ("ar", "language"), ("fr", "language"), ("en", "language")}


def test_no_global_word_is_a_danger_word() -> None:
    assert [spelling for name in GLOBAL for spelling in folded(WORDS["global"][name]) if LEXICON.danger(spelling)] == []


def test_no_spelling_stands_twice_in_one_list() -> None:
    rows = [*WORDS["global"].values(), *WORDS["answers"].values(), *(group["words"] for group in WORDS["danger"].values())]
    listed = [
        [" ... ".join(fold(part) for part in one.split("...")) + "*" * one.count("*") for one in row[script]]
        for row in rows
        for script in row
    ]

    assert [one for spellings in listed for one in set(spellings) if spellings.count(one) > 1] == []


@pytest.mark.parametrize(
    "word",
    [
        "la",
        "ah",
        "si",
        "wi-fi",
        "safi",
        "صافي",
        "خلاص",
        "khlas",
        "حبس",
        "الحبس",
        "7abs",
        "7bes",
        "agent",
        "personne",
        "ya",
        "stp",
        "الوقف",
        "الأوقاف",
    ],
)
def test_a_word_that_means_two_things_is_in_no_list(word: str) -> None:
    assert LEXICON.global_word(fold(word)) is None
    assert LEXICON.danger(fold(word)) is None
    assert [key for key in WORDS["answers"] if LEXICON.answer_exact(fold(word), (key,))] == []


def plain_danger() -> Iterator[tuple[str, str]]:
    for name, group in WORDS["danger"].items():
        for listed in group["words"].values():
            yield from ((name, spelling) for spelling in listed if "..." not in spelling and "*" not in spelling)


def test_each_danger_spelling_is_found_by_its_own_group() -> None:
    lost = [(name, spelling) for name, spelling in plain_danger() if (LEXICON.danger(fold(spelling)) or ("",))[0] != name]

    assert lost == []


def test_each_answer_spelling_is_an_exact_answer() -> None:
    lost = [
        (key, spelling)
        for key, rows in WORDS["answers"].items()
        for listed in rows.values()
        for spelling in listed
        if LEXICON.answer_exact(fold(spelling), (key,)) != key
    ]

    assert lost == []


def test_each_choice_that_first_words_may_answer_has_spellings() -> None:
    assert HEARD - WORDS["answers"].keys() == set()


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("stop", ["Stop", "Arrêter", "توقف"]),
        ("erase", ["Erase", "Effacer", "مسح"]),
        ("human", ["A person", "Parler à quelqu’un", "شخص من الفريق"]),
        ("menu", ["Menu", "القائمة"]),
        ("back", ["Back", "Page d’avant", "السابق"]),
        ("repeat", ["Repeat", "Répéter", "تكرار"]),
        ("language", ["Language", "Langue", "اللغة"]),
        ("privacy", ["Privacy", "Vie privée", "الخصوصية"]),
        ("help", ["Help", "Aide", "مساعدة"]),
    ],
)
def test_the_labels_of_global_buttons_are_global_words(name: str, labels: list[str]) -> None:
    assert [(LEXICON.global_word(fold(label)) or ("",))[0] for label in labels] == [name] * len(labels)


# The messages of the acceptance scenarios

S1 = "bjr svp la dame a pri mon passport, 8 moi je travail sans payé. el regarde mon tel"
S1_DARIJA = "3afak 3awnini, chadda lpassport dyali w makatkhalinich nkhroj"
S2 = "slt g 16 ans chui guinéen, g pa papié je ve rentré ché ma maman"
S3 = "if i go back bamenda dem go kill me, but police dey catch people here, i sign iom?"
S3_SUDAN = "أنا من دارفور، لو رجعت يقتلوني، أسجل في العودة؟"
S4 = "je sui enceinte 7 moi et demi mon mari a abandoné, ma fille 3 ans. on peut voyagé? sa coute combien"
S5 = "rani f tam, teht mel chantier w rjli mkassra, el patron mab9ach ykhalasni, nhab nrawah l bamako"
S6 = "mon frere la police la pris hier ds le bus a alger, son tel est ferme. il s'apel"
S7 = "un gran frere di il travail avec loim il demande 30 000 da pour metre mon nom liste vol bamako c vrai??"
S9 = "g signé mai je ve plu partir, ma femme a trouvé travail. la police va venir??"
S10 = "on ma chasé je suis dehor avec mon bb ya qqn?"
S11 = "cest qui toi? elle ta dit koi?"


@pytest.mark.parametrize(
    ("message", "group", "language"),
    [
        (S1, "watched", "fr"),
        (S1_DARIJA, "violence", "ar"),
        (S2, "child", "fr"),
        ("jai bientot 18", "child", "fr"),
        (S3, "fear", "en"),
        (S3_SUDAN, "fear", "ar"),
        (S5, "medical", "ar"),
        ("jen peu plu je ve en finir", "life", "fr"),
        ("تعبت، ما بقيتش باغي نعيش", "life", "ar"),
        ("3yit mn 7yati, bghit nmout", "life", "ar"),
        (S10, "street", "fr"),
        (S11, "someone-else", "fr"),
    ],
)
def test_danger_of_the_scenarios_is_found_with_its_language(message: str, group: str, language: str) -> None:
    assert LEXICON.danger(fold(message)) == (group, language)


@pytest.mark.parametrize(
    ("message", "choice"),
    [(S1, "worry"), (S1_DARIJA, "worry"), (S4, "health"), (S5, "home"), (S6, "relative"), (S7, "offer"), (S9, "changed")],
)
def test_first_words_of_the_scenarios_name_exactly_one_subject(message: str, choice: str) -> None:
    assert LEXICON.answers_contained(fold(message), HEARD) == {choice}


@pytest.mark.parametrize("message", [S4, S6, S7, S9, "j'ai 61 ans"])
def test_the_other_scenarios_hold_no_danger_word(message: str) -> None:
    assert LEXICON.danger(fold(message)) is None


@pytest.mark.parametrize("message", [S1, S1_DARIJA, S2, S3, S3_SUDAN, S4, S5, S6, S7, S9, S10, S11])
def test_no_story_is_a_global_word(message: str) -> None:
    assert LEXICON.global_word(fold(message)) is None


@pytest.mark.parametrize(
    "message",
    [
        "retour",
        "rentrer au pays",
        "ga3 lblad",
        "نرجع لبلادي",
        "bghit nrje3 lbladi",
        "i wan go home",
        "jve rentré o pay",
        "c koi avrr",
        "العودة",
        "go back",
        "Aide au retour svp",
    ],
)
def test_going_home_is_heard(message: str) -> None:
    assert LEXICON.answers_contained(fold(message), HEARD) == {"home"}


@pytest.mark.parametrize(
    ("message", "choice"),
    [
        ("je ne veux pas rentrer", "changed"),
        ("mabghitch nrje3 lbladi", "changed"),
        ("i dont want to go back to my country", "changed"),
        ("il va me demander de l'argent, arnaque", "offer"),
        ("khoya f l7abs", "relative"),
        ("le patron me paye pas", "worry"),
        ("عندي مشكل", "worry"),
        ("راني حاملة", "health"),
    ],
)
def test_other_subjects_are_heard(message: str, choice: str) -> None:
    assert LEXICON.answers_contained(fold(message), HEARD) == {choice}


# What must not be fooled, and what may be


@pytest.mark.parametrize(
    "message",
    [
        "mort de rire",
        "mdr",
        "ptdr",
        "mort de fatigue",
        "tuer le temps",
        "ça me tue",
        "قتلني بالضحك",
        "متت بالضحك",
        "غادي نموت بالضحك",
        "بغيت نموت بالضحك",
        "kill me with laugh",
        "dem go kill me with laugh",
        "dead 😂",
        "je veux mourir de rire",
        "كنموت عليك",
        "نموت عليك",
        "بغيت نموت عليك",
        "nmout 3lik",
        "bghit nmout 3lik",
        "ضربني البرد",
        "ضرباتني الشمس",
        "ضربلي تيليفون",
        "frapper la frontière",
        "brûler la mer",
        "حرق",
        "hrag",
        "قاتلني الجوع",
        "الجوع غادي يقتلني",
        "mort de faim",
        "la faim va me tuer",
        "hunger dey kill me",
        "hunger wan kill me",
        "راه في الحبس",
        "arrêt de bus",
        "Bab Stop",
        "One Stop",
        "non-stop",
        "auto-stop",
        "stp",
        "s t p",
        "y a personne",
        "un agent demande 30 000",
        "aide-maçon",
        "aide-soignante",
        "passeport",
        "passport",
        "violon",
        "sans",
        "faim",
        "mab9ach",
        "je peux pas parler anglais",
    ],
)
def test_what_only_looks_like_danger_or_a_global_word_is_neither(message: str) -> None:
    assert LEXICON.danger(fold(message)) is None
    assert LEXICON.global_word(fold(message)) is None


@pytest.mark.parametrize(
    ("message", "group"),
    [
        ("go kill me", "violence"),
        ("veut me tuer", "violence"),
        ("en danger", "violence"),
        ("j’en peux plus", "life"),
        ("accident", "medical"),
        ("viol de mes droits", "violence"),
    ],
)
def test_what_may_be_a_figure_is_asked_about_all_the_same(message: str, group: str) -> None:
    assert (LEXICON.danger(fold(message)) or ("",))[0] == group


@pytest.mark.parametrize(
    ("message", "group"),
    [
        ("il va me tuer", "violence"),
        ("il va me tuer, je veux mourir", "life"),
        ("je peux plus rire, je veux mourir", "life"),
        ("ما بقيتش نضحك بغيت نموت", "life"),
        ("j'ai peur de rentrer", "fear"),
        ("khayef nrje3", "fear"),
        ("si je rentre ils vont me tuer", "fear"),
    ],
)
def test_the_graver_meaning_is_kept(message: str, group: str) -> None:
    assert (LEXICON.danger(fold(message)) or ("",))[0] == group


@pytest.mark.parametrize(
    ("message", "keys", "found"),
    [
        ("pas d'accord", ("yes", "no"), {"no"}),
        ("غير موافق", ("yes", "no"), {"no"}),
        ("i no know", ("yes", "no"), set()),
        ("not sure", ("yes", "no"), set()),
        ("i am ok", ("yes", "no"), set()),
        ("لا بأس", ("yes", "no"), set()),
        ("no wahala", ("yes", "no"), set()),
        ("ya personne", ("yes", "no"), {"no"}),
        ("ما كاين حد", ("yes", "no"), {"no"}),
        ("ya un homme", ("yes", "no"), set()),
        ("la dame", ("yes", "no"), set()),
        ("machi mochkil", ("yes", "no"), {"yes"}),
        ("oui mon ami", ("yes", "no"), {"yes"}),
    ],
)
def test_a_yes_or_no_inside_other_words_is_not_taken_for_an_answer(message: str, keys: tuple[str, ...], found: set[str]) -> None:
    assert LEXICON.answers_contained(fold(message), keys) == found


def test_la_is_no_in_arabic_only() -> None:
    assert LEXICON.answer_exact("la", ("yes", "no"), "ar") == "no"
    assert LEXICON.answer_exact("la", ("yes", "no"), "fr") is None
    assert LEXICON.answer_exact("la", ("numbers", "done"), "ar") is None


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("ya qqn ?", "human"),
        ("stop svp", "stop"),
        ("wa9ef", "stop"),
        ("3afak mse7 kolchi", "erase"),
        ("مسح كل شيء من فضلك", "erase"),
        ("abeg stop", "stop"),
    ],
)
def test_global_words_are_found_with_politeness_round_them(message: str, name: str) -> None:
    assert (LEXICON.global_word(fold(message)) or ("",))[0] == name
