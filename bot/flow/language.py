"""The closed lists of the language: its words, its reserved names, the texts of the engine."""

import re
from typing import Final

NAME: Final = r"[a-z][a-z0-9-]{0,39}"
NAME_RE: Final = re.compile(NAME)
# fmt: off
RESERVED: Final = frozenset((
    "end", "leave", "yes", "no", "skipped", "skip", "done", "known", "is", "has", "and", "or", "not", "language", "country", "now",
    "heard", "team",
))
# fmt: on
"""Names that no step and no flow may bear; an ask of that type may be called `country` or `language`."""
GLOBAL_WORDS: Final = ("stop", "erase", "help", "human", "menu", "back", "repeat", "language", "privacy")
WORDS: Final = ("say", "ask", "pages", "contacts", "consent", "handoff", "decide", "go", "call", "set", "forget", "remind")
BARE_WORDS: Final = ("end", "leave")
"""Words that stand alone as a step."""
UNNAMED: Final = frozenset({"go", "call", "set", "forget", "end", "leave"})
"""Words whose steps have no name, so that nothing can lead to them."""
TYPE_KEYS: Final = ("choices", "number", "date", "country", "place", "hours", "language", "free")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_STEPS: Final = 400
# fmt: off
ENGINE_TEXTS: Final = (
    "again", "offer-human", "still-safe", "we-were-here", "stopped", "erased", "erased-web", "nothing-before", "change-answer",
    "other-subject", "photo", "voice", "file", "location", "story", "passed-on", "shows", "limit", "waiting-open", "waiting-closed",
    "waiting-nobody",
    "human-here", "machine-again", "no-contact", "help", "recalled", "which-language", "done", "next", "enough", "agree", "refuse",
    "skip", "skipped", "yes", "no", "stop", "human", "menu", "back", "erase", "repeat", "language", "privacy", "contact-open",
    "contact-opens", "contact-always", "contact-hours-unknown", "contact-free", "contact-paid", "contact-unchecked", "contact-checked",
    "contact-languages", "contact-who", "contact-may-follow", "case-erased", "not-delivered", "correction", "passed-team",
    "passed-same",
)
# fmt: on
"""The texts of bot.yaml that the engine says: all of these and no other."""
NEWER_TEXTS: Final = frozenset(("waiting-nobody", "correction", "passed-team", "passed-same"))
"""Those that flows made for an earlier version do not have; the engine does without, so that what is in force runs on after an upgrade."""
ENGINE_VALUES: Final = {
    "shows": ("to", "fields", "keep"),
    "waiting-open": ("first-answer",),
    "passed-team": ("team",),
    "waiting-closed": ("next",),
    "contact-opens": ("next",),
    "contact-open": ("until",),
    "contact-paid": ("cost",),
    "contact-checked": ("date",),
    "contact-languages": ("languages",),
    "contact-who": ("who",),
    "contact-may-follow": ("what",),
}
"""Text of the engine → the values that only it may hold, and must."""
SERVICE_VALUES: Final = frozenset(
    ["bot.name", "bot.org", "bot.handle", "silence.ask-still-safe", "silence.forget", "keep.case", "keep.route", "keep.messages"]
)
"""Values of bot.yaml that any text may hold."""
