"""What is wrong with a notice before it goes to many: it is held to the wording of flows, as the text of a sensitive one.

Rule 1: the first words are those that a locked screen shows: they name no subject.
Rule 2: nobody is told half: a text stands in every language that people are answered in.
"""

from collections.abc import Iterator, Mapping

from bot.checks.wording import Said, limits_of, problems_of
from bot.flow.draft import Draft, SourceText
from bot.flow.problem import Problem, place_of

RULES = ("notice-missing", "notice-empty")
"""The rules that this file finds, beside those of wording."""


def notice_problems(texts: Mapping[str, str], files: Mapping[str, str], draft: Draft, languages: tuple[str, ...]) -> tuple[Problem, ...]:
    """Every problem of a notice. `files`: where each language's text stands; `languages`: those that must have one."""
    return tuple(sorted(dict.fromkeys(_found(texts, files, draft, languages)), key=place_of))


def _found(texts: Mapping[str, str], files: Mapping[str, str], draft: Draft, languages: tuple[str, ...]) -> Iterator[Problem]:
    first = next(iter(files.values()), "notice")
    for language in languages:
        if language not in texts:
            yield Problem("notice-missing", first, 1, 1, f"there is no text in {language}: people who read it would not be told")
    source = texts.get(draft.bot.source if draft.bot is not None else "en", "")
    for language, text in texts.items():
        file = files[language]
        if not text.strip():
            yield Problem("notice-empty", file, 1, 1, "the file is empty")
        said = Said(SourceText("notice", source, file, 1, ""), language, text, file, 1, sensitive=True)
        yield from problems_of(said, limits_of(draft))
