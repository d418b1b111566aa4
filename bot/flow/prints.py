"""Fingerprints of steps: whether a conversation that waits at one may go on in a newer revision.

Rule 1: a print is of the step's id, kind, type, choices, what it shows to whom, and its source texts; not of where it leads.
"""

import hashlib
from collections.abc import Mapping

from bot.flow import program as p
from bot.flow.answers import AnswerType, Choices


def fingerprint(step: p.Step, texts: Mapping[str, str]) -> str:
    """Sixteen hexadecimal digits; equal when a person who waits here would see and be asked the same."""
    seen = "\0".join((step.id, type(step).__name__, *_parts(step, texts), texts.get(step.id, "")))
    return hashlib.sha256(seen.encode()).hexdigest()[:16]


def answer_print(answer: AnswerType) -> str:
    """The type of an answer in one line; equal when a held answer keeps its meaning. Words of choices are not part of it."""
    if isinstance(answer, Choices):
        return f"Choices({'/'.join(choice.key for choice in answer.choices)}, many={answer.many})"
    return repr(answer)


def _parts(step: p.Step, texts: Mapping[str, str]) -> tuple[str, ...]:
    match step:
        case p.Ask(type=answer):
            return (answer_print(answer), str(step.skip))
        case p.Pages(pages=pages):
            return tuple(part for page in pages for part in (page, texts.get(f"{step.id}.{page}", "")))
        case p.Consent(to=to, shows=shows):
            return (to, *shows)
        case _:
            return ()
