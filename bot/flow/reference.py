"""The tables of docs/flows.md, made from the model, so that the page cannot say what is not so."""

from typing import Final

from bot.flow.language import BARE_WORDS, ENGINE_TEXTS, RESERVED, UNNAMED
from bot.flow.model import STEP_MODELS, FlowModel, Model
from bot.flow.model_service import BotModel, ContactModel, TeamModel
from bot.flow.rules import RULES

_BARE: Final = {
    "end": "This flow is over: its caller goes on; with no caller the conversation is over.",
    "leave": "Everything is over: all open flows and their answers are dropped, and nothing more is said. An open case stays.",
}
_TARGETS: Final = {
    "go": "step or flow",
    "call": "flow",
    "set": "answer",
    "forget": "`answers`, `reminders` or `everything`",
    "ask": "answer",
}


def tables() -> dict[str, str]:
    """Name of the table → its lines, as they stand in docs/flows.md between `<!-- table: name -->` and `<!-- /table -->`."""
    return {
        "words": _words(),
        "flow": _keys(FlowModel),
        "bot": _keys(BotModel),
        "team": _keys(TeamModel),
        "contact": _keys(ContactModel),
        "engine-texts": ", ".join(f"`{key}`" for key in ENGINE_TEXTS),
        "reserved": ", ".join(f"`{name}`" for name in sorted(RESERVED)),
        "rules": _rules(),
    }


def _words() -> str:
    lines = ["| word | its value | further keys (bold: needed) | what it does |", "| --- | --- | --- | --- |"]
    for word, model in STEP_MODELS.items():
        value = _TARGETS.get(word, "name of the step")
        lines.append(f"| `{word}` | {value} | {_key_list(model, without=(word, 'if'))} | {_first_line(model)} |")
    lines += [f"| `{word}` | (stands alone: `- {word}`) | | {_BARE[word]} |" for word in BARE_WORDS if word in UNNAMED]
    return "\n".join(lines)


def _keys(model: type[Model]) -> str:
    return f"Keys (bold: needed): {_key_list(model)}"


def _key_list(model: type[Model], without: tuple[str, ...] = ()) -> str:
    fields = [(str(field.alias or name), field.is_required()) for name, field in model.model_fields.items()]
    return ", ".join(f"**{key}**" if needed else key for key, needed in fields if key not in without)


def _first_line(model: type[Model]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


def _rules() -> str:
    lines = ["| about | rules |", "| --- | --- |"]
    lines += [f"| {family} | {', '.join(f'[{rule}](#{rule})' for rule in rules)} |" for family, rules in RULES.items()]
    return "\n".join(lines)
