"""A service made for faults: every reply carries the token of the update that it answers, and some persons ask for a caseworker."""

from bot.flow.bundle import Bundle
from tests.flow.bundles import SMALL

ECHO = """
flow: start
title: Says back what it got
steps:
  - if: known n
    say: got
    text: "Got {n}."
  - ask: n
    label: Number
    text: A number?
    number: {from: 0, to: 99999999}
  - go: start
"""
PERSON = """
flow: person
title: Write to a person
steps:
  - handoff: case
    to: desk
  - end
"""


_BOT = SMALL["flows/bot.yaml"].replace("shared: [", "shared: [n, ")

BUNDLE = Bundle({**SMALL, "flows/bot.yaml": _BOT, "flows/start.yaml": ECHO, "flows/person.yaml": PERSON})
