"""The names of everything that can be wrong with flows, by what it is about (language reference §12)."""

from collections.abc import Mapping
from typing import Final

RULES: Final[Mapping[str, tuple[str, ...]]] = {
    "form": (
        "yaml",
        "one-word",
        "no-such-key",
        "name",
        "name-twice",
        "name-of-flow",
        "no-text",
        "comment-cuts-text",
        "one-kind",
        "too-many-choices",
    ),
    "names": (
        "no-such-place",
        "no-such-answer",
        "no-such-value",
        "no-such-choice",
        "no-such-answers",
        "no-such-need",
        "no-such-team",
        "no-such-source",
        "no-such-consent",
        "condition",
        "may-be-unknown",
        "shared-differs",
    ),
    "paths": (
        "no-end",
        "unreachable",
        "unreachable-flow",
        "circle",
        "call-circle",
        "only-from",
        "decide-else",
        "otherwise-loop",
    ),
    "harm": (
        "handoff",
        "handoff-without-consent",
        "no-label",
        "free-words",
        "private",
        "hides-global",
        "promise",
        "promised-time",
        "promised-help",
        "asks-too-much",
        "fear-goes-on",
        "fear-first",
        "danger-words",
        "danger-help",
        "not-neutral",
        "no-source",
        "remind-without-consent",
    ),
    "wording": (
        "too-many-sentences",
        "sentence-too-long",
        "too-long-for-channel",
        "question-last",
        "never-said",
        "glossary",
        "gender",
        "isolates",
        "french-signs",
        "loud",
        "missing-translation",
        "stale-translation",
        "places",
        "lost-meaning",
        "lost-words",
    ),
    "contacts and words": (
        "contact-expired",
        "contact-unverified",
        "no-contact",
        "few-spellings",
        "two-meanings",
    ),
    "tests": ("chat",),
    "what is taken away": ("untested", "test-gone", "safeguard-gone"),
}
"""Family → its rules. `bot.flow` finds those of form and names, and of harm those that one file shows; `bot.checks` finds the rest.

What is taken away is found against what is in force, when a change is looked at and published; a bundle alone does not show it.
"""
COMPILED: Final = frozenset(
    (
        *RULES["form"],
        *RULES["names"],
        "decide-else",
        "handoff",
        "no-label",
        "free-words",
        "private",
        "hides-global",
        "no-source",
        "remind-without-consent",
    )
)
"""The rules that the compiler itself finds."""
