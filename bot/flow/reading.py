"""From a tree to a draft: does each file have the form that its model asks for?

Rule 1: a step that is wrong does not hide what is wrong elsewhere; every step is read by itself.
Rule 2: what names mean is not asked here.
"""

from typing import TypeVar

from bot.flow.bundle import flow_name
from bot.flow.draft import DraftFlow, DraftStep
from bot.flow.language import BARE_WORDS, MAX_STEPS, NAME_RE, RESERVED, TYPE_KEYS, UNNAMED, WORDS
from bot.flow.model import STEP_MODELS, AskModel, FlowModel, Model, keys_of, read_model
from bot.flow.problem import Place, Problems, nearest, shown
from bot.flow.tree import Items, Node, Scalar, Table, find, place_at, place_of_key, plain, text_at

_Read = TypeVar("_Read", bound=Model)


def read_as(model: type[_Read], node: Node, problems: Problems, word: str = "") -> _Read | None:
    """The node as that model; None when something is wrong, which is then noted. `word`: of a step; its name stands at its word."""
    result = read_model(model, plain(node))
    if isinstance(result, tuple):
        for fault in result:
            on_key = fault.on_key or fault.path == (word,)
            place = place_of_key(node, fault.path) if on_key else place_at(node, fault.path)
            problems.add(fault.rule, place, fault.sentence, fault.suggestion)
        return None
    return result


def read_flow(path: str, node: Node, problems: Problems) -> DraftFlow:
    """The flow of a file, with every step that can be told apart."""
    name = flow_name(path)
    head = _head(name, node, problems)
    listed = find(node, ("steps",))
    items = listed.items if isinstance(listed, Items) else ()
    if len(items) > MAX_STEPS:
        problems.add("yaml", items[MAX_STEPS].place, f"a flow has at most {MAX_STEPS} steps")
    steps = tuple(_step(name, index, item, problems) for index, item in enumerate(items[:MAX_STEPS]))
    _names(steps, problems)
    return DraftFlow(name, path, node, head, steps)


def _head(name: str, node: Node, problems: Problems) -> FlowModel | None:
    if NAME_RE.fullmatch(name) is None or name in RESERVED:
        problems.add("name", Place(1, 1), f"{shown(name)} cannot be the name of a flow")
    stated = text_at(node, "flow")
    if stated is not None and stated != name:
        problems.add("name-of-flow", place_at(node, ("flow",)), f"the flow {shown(stated)} stands in a file of another name", name)
    return read_as(FlowModel, node, problems)


def _step(flow: str, index: int, node: Node, problems: Problems) -> DraftStep:
    word = _word(node, problems)
    stated = text_at(node, word) if word and word not in UNNAMED else None
    key = stated or f"#{index}"
    model = read_as(STEP_MODELS[word], node, problems, word) if word in STEP_MODELS else None
    if isinstance(model, AskModel) and isinstance(node, Table):
        _one_type(node, problems)
    return DraftStep(index, key, f"{flow}.{key}", word, node, model)


def _word(node: Node, problems: Problems) -> str:
    """The word of a step; empty when there is not exactly one."""
    match node:
        case Scalar(text) if text in BARE_WORDS:
            return text
        case Table(entries):
            words: list[str] = [word for word in WORDS if word in entries]
            if "ask" in words:
                words = [word for word in words if word not in ("go", "call")]
            if len(words) == 1:
                return words[0]
            _no_word(node, words, problems)
            return ""
        case Scalar(text):
            sentence = f"{shown(text)} is no step; a step is ‹- end›, ‹- leave›, or a word with a colon"
            problems.add("one-word", node.place, sentence, nearest(text, (*BARE_WORDS, *WORDS)))
            return ""
        case _:
            problems.add("one-word", node.place, "a step is a mapping, not a list")
            return ""


def _no_word(node: Table, words: list[str], problems: Problems) -> None:
    if words:
        place = place_of_key(node, (words[1],))
        problems.add("one-word", place, f"a step has one word; here are {' and '.join(f'‹{word}›' for word in words)}")
        return
    known = {key for model in STEP_MODELS.values() for key in keys_of(model)}
    like = next((near for key in node.entries if key not in known and (near := nearest(key, WORDS))), "")
    problems.add("one-word", node.place, f"a step needs one word of the language: {', '.join((*WORDS, *BARE_WORDS))}", like)


def _one_type(node: Table, problems: Problems) -> None:
    """An ask has exactly one type, and `many` belongs to choices."""
    types = [key for key in TYPE_KEYS if key in node.entries]
    if not types:
        problems.add("one-kind", node.place, f"an ask needs one type of answer: {', '.join(TYPE_KEYS)}")
    elif len(types) > 1:
        second = sorted(types, key=lambda key: node.entries[key].key.place)[1]
        problems.add("one-kind", place_of_key(node, (second,)), f"an ask has one type of answer; here are {', '.join(types)}")
    if "many" in node.entries and "choices" not in types:
        problems.add("one-kind", place_of_key(node, ("many",)), "‹many› belongs to ‹choices›")


def _names(steps: tuple[DraftStep, ...], problems: Problems) -> None:
    seen: dict[str, DraftStep] = {}
    for step in steps:
        if step.key.startswith("#"):
            continue
        if step.key in RESERVED and not (step.key in ("country", "language") and _asks_for(step, step.key)):
            problems.add("name", step.place, f"{shown(step.key)} is a word of the language and cannot be a name")
        if step.key in seen:
            first = seen[step.key].place.line
            problems.add("name-twice", step.place, f"{shown(step.key)} is already the name of a step, in line {first}")
        seen.setdefault(step.key, step)


def _asks_for(step: DraftStep, key: str) -> bool:
    return isinstance(step.node, Table) and step.word == "ask" and key in step.node.entries


def name_problems(flow: DraftFlow, flows: frozenset[str], problems: Problems) -> None:
    """A step may not bear the name of a flow: a target would have two meanings."""
    for step in flow.steps:
        if step.key in flows:
            problems.add("name-of-flow", step.place, f"{shown(step.key)} is the name of a flow; a step needs another name")
