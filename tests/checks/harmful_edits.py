"""Edits of the shipped flows that an author might make in a hurry: each a rule that must stop it, a file, and what is written for what."""

from typing import Final

_FEAR = "    go: {yes: asylum-first, unsure: asylum-first}\n  - ask: asylum\n"

EDITS: Final = (
    ("a doubt goes on", "fear-goes-on", "return", _FEAR, "    go: {yes: asylum-first}\n  - ask: asylum\n"),
    ("a yes goes on", "fear-goes-on", "return", _FEAR, "    go: {unsure: asylum-first}\n  - ask: asylum\n"),
    ("a yes and a doubt go on", "fear-goes-on", "return", _FEAR, "  - ask: asylum\n"),
    ("a yes skips to the steps", "fear-goes-on", "return", _FEAR, "    go: {yes: next, unsure: asylum-first}\n  - ask: asylum\n"),
    ("a yes is called and comes back", "fear-goes-on", "return", _FEAR, "    call: {yes: asylum-first, unsure: asylum-first}\n  - ask: asylum\n"),
    ("fear can be skipped", "fear-goes-on", "return", _FEAR, _FEAR.replace("    go", "    skip: yes\n    go", 1)),
    ("fear is asked once", "fear-goes-on", "return", _FEAR, _FEAR.replace("    go", "    once: yes\n    go", 1)),
    ("other words lead on", "fear-goes-on", "return", _FEAR, _FEAR.replace("    go", "    otherwise: next\n    go", 1)),
    ("fear is asked in one country only", "fear-goes-on", "return", "  - ask: fear\n", "  - if: country is DZ\n    ask: fear\n"),
    ("fear at the desk goes on", "fear-goes-on", "travel-desk", "    go: {yes: asylum-first, unsure: asylum-first}\n", "    go: {yes: asylum-first}\n"),
    ("fear is renamed and forgotten", "fear-first", "return", "  - ask: fear\n", "  - ask: worry\n"),
    ("the steps stand before fear", "fear-first", "return", "  - ask: fear\n", "  - call: return-steps\n  - ask: fear\n"),
    ("a question stands before fear", "fear-first", "return", "  - ask: fear\n", "  - ask: sure\n    text: Shall we go on?\n    choices: yes-no\n  - ask: fear\n"),
    ("the office stands before fear", "fear-first", "return", "  - ask: fear\n", "  - contacts: office\n    need: return\n  - ask: fear\n"),
    ("somebody jumps over fear", "fear-first", "return", "  - say: free\n", "  - if: reason is health\n    go: next\n  - say: free\n"),
    ("the list leads to what to bring", "fear-first", "menu", "    call: {changed: change-of-mind,", "    call: {health: bring, changed: change-of-mind,"),
    ("protection leads to arrival", "fear-first", "asylum-first", "go: {signed: signed, arrest: arrest, done: end}", "go: {signed: arrival, arrest: arrest, done: end}"),
    ("the question is taken out of the settings", "fear-first", "bot", "  asks: [return.fear, travel-desk.fear]\n", "  asks: [travel-desk.fear]\n"),
    ("the settings say nothing", "fear-first", "bot", "fear-first:\n  asks: [return.fear, travel-desk.fear]\n  leads: asylum-first\n  flows: [return, return-steps, travel-desk, health-and-travel, bring, arrival]\n", ""),
    ("danger passes nobody on", "danger-help", "danger", "  - handoff: alert\n    to: protection\n    urgency: now\n", ""),
    ("words of danger open a flow without help", "danger-help", "words", "  violence:\n    flow: danger\n", "  violence:\n    flow: bring\n"),
    ("an exception takes the word back", "danger-words", "words", "      en: [die with laugh,", "      en: [suicide, die with laugh," ),
)  # fmt: skip
"""What it is, the rule, the flow or file, what stands there, what is written in its place."""
