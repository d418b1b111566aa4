"""Fingerprints of steps: whether a conversation that waits at one may go on in a newer revision.

Rule 1: a print is of the step's id, kind, type, choices, what it shows to whom, and its source texts; not of where it leads.
"""

import hashlib
from collections.abc import Mapping, Sequence

from bot.flow import program as p
from bot.flow.answers import AnswerType, Choices


def fingerprints(steps: Sequence[p.Step], texts: Mapping[str, str]) -> dict[str, str]:
    """Step key → sixteen hexadecimal digits; equal when a person who waits there would see and be asked the same.

    A step without a name is known by the named step above it, so that one put in between is not taken for it.
    """
    prints: dict[str, str] = {}
    named, since = "", 0
    for step in steps:
        named, since = (step.key, 0) if not step.key.startswith("#") else (named, since + 1)
        seen = "\0".join((step.id, named, str(since), type(step).__name__, *_parts(step, texts), texts.get(step.id, "")))
        prints[step.key] = hashlib.sha256(seen.encode()).hexdigest()[:16]
    return prints


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
        case p.Call(flow=flow):
            return (flow,)
        case _:
            return ()
