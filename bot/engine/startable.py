"""Which flows a conversation may be handed to by a caseworker: those a person can choose from the list themselves.

Rule 1: nothing that asks before it tells (fear, age, who is near) is jumped over: a flow is entered at its top only.
"""

from bot.flow.program import Ask, Program, ToFlow


def startable(program: Program) -> tuple[str, ...]:
    """Give the flows in the order of the list, the list itself first."""
    menu = program.service.on_menu
    found = [menu]
    for step in program.flows[menu].steps:
        if isinstance(step, Ask):
            found += [step.call[key] for key in step.call]
            found += [target.flow for target in step.go.values() if isinstance(target, ToFlow)]
    return tuple(dict.fromkeys(found))
