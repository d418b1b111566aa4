"""What can be mended with one button, of how a text is written: a better wording, left-out words, signs.

Rule 1: a wording is offered only from the lists of the checks; nothing here invents words.
Rule 2: where the meaning of a source stays, its translations that were fresh stay fresh; where it does not, they are to be looked at.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from bot.checks.phrases import NEVER
from bot.checks.wording import RULES, Said, limits_of, texts_said
from bot.i18n.bidi import RUN
from bot.i18n.merge import Source, state
from bot.i18n.placeholders import placeholders
from bot.studio.bundle.judging import Finding, judged
from bot.studio.comparing.changes import Called, Words
from bot.studio.editing.edits import Confirm, Edit, SetText
from bot.studio.mending.mends import Case, Mend, replaced

_ISOLATED: Final = re.compile("([\u2066\u2067\u2068][^\u2066-\u2069]*\u2069|\\{[^{}]*\\})")
_RUN: Final = re.compile(RUN)
_GAP: Final = re.compile(r"(?<=[^\s\u00a0])[ \u202f]?([;?!»]|:(?!\d|//))")
_EMOJI: Final = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff\ufe0f] ?")
_EASTERN: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_MARKS: Final = re.compile("[\u200e\u200f\u061c\u202a-\u202e]")


def text_mends(case: Case) -> Iterator[Mend]:
    """Everything that might mend the problem of a text, the best first; not proved yet."""
    said = _said(case) if case.problem.rule in RULES else None
    if said is None:
        return
    for says, text, keeps in _written(case, said):
        if text and text != said.text:
            yield Mend(says, tuple(_edits(case, said, text, keeps=keeps)))


def _said(case: Case) -> Said | None:
    """The text that the problem is about, in its language."""
    compiled, where = case.compiled, case.where
    every = texts_said(compiled.draft, compiled.catalogs, case.bundle.catalog_paths())
    return next((said for said in every if (said.source.id, said.language) == (where.text, where.language)), None)


_Written = tuple[Words, str, bool]
"""What the button says, the text as it would be, and whether its meaning stays."""


def _written(case: Case, said: Said) -> Iterator[_Written]:
    sign = _SIGNS.get(case.problem.rule)
    if sign is not None:
        says, change = sign
        yield Words(says), change(said.text), True
        return
    for finding in judged(said, limits_of(case.compiled.draft)):
        if finding.rule == case.problem.rule and finding.end and (not case.quoted or finding.word in case.quoted):
            yield from _words(said, finding)


def _words(said: Said, finding: Finding) -> Iterator[_Written]:
    stands = said.text[finding.start : finding.end]
    listed = NEVER.get(said.language, {}).get(finding.word)
    put = finding.put or _fitting(said, stands, finding.better or listed or "")
    if put:
        yield replaced(stands, put), said.text[: finding.start] + put + said.text[finding.end :], False
    elif listed == "" and finding.rule == "never-said":
        text = _tidied(said.text[: finding.start], said.text[finding.end :])
        yield Words("explain.mend.leave-out", {"old": Called(stands)}), text, False


def _fitting(said: Said, stands: str, better: str) -> str:
    """The better words with the case of those that stand there; nothing when they bring a place that the source has not."""
    if not better or placeholders(better) - placeholders(said.source.text):
        return ""
    return better[0].upper() + better[1:] if stands[:1].isupper() else better


def _tidied(before: str, after: str) -> str:
    """What is left when words are taken out between: one space, a capital where a sentence begins."""
    joined = before.rstrip(" ") + (" " if before.strip() and after[:1] not in ".,?!:;؟،" and not before.endswith("\n") else "")
    rest = after.lstrip(" ")
    begins = not before.strip() or before.rstrip()[-1:] in ".?!؟\n"
    return (joined + (rest[:1].upper() + rest[1:] if begins else rest)).strip()


# ── signs ──
def _french(text: str) -> str:
    text = text.replace("'", "’").replace("\u202f", "\u00a0")
    return re.sub("«[ \u00a0]?", "«\u00a0", _GAP.sub("\u00a0\\1", text))


def _calm(text: str) -> str:
    return re.sub(r"(?:[ \u00a0\u202f]*!)+(?=[?؟]|$|\s)", ".", _EMOJI.sub("", text)).replace("!", "").replace(".?", " ?").strip()


def _isolated(text: str) -> str:
    parts = _ISOLATED.split(_MARKS.sub("", text).translate(_EASTERN))
    return "".join(part if place % 2 else _RUN.sub(lambda run: f"\u2066{run[0]}\u2069", part) for place, part in enumerate(parts))


_SIGNS: Final[Mapping[str, tuple[str, Callable[[str], str]]]] = {
    "french-signs": ("explain.mend.signs", _french),
    "isolates": ("explain.mend.signs", _isolated),
    "loud": ("explain.mend.calm", _calm),
}


def _edits(case: Case, said: Said, text: str, *, keeps: bool) -> Iterator[Edit]:
    yield SetText(said.source.id, said.language, text, said.text)
    draft = case.compiled.draft
    if keeps and draft.bot is not None and said.language == draft.bot.source:
        for language, catalog in case.compiled.catalogs.items():
            if state(catalog, Source(said.source.id, said.source.text)) == "done":
                yield Confirm(said.source.id, language, text)
