"""A line of an author's test as a person says it: *asks “Are you under 18?”*, *“Nothing was sent” is said*.

Rule 1: a message is called by its words, its id beside it; a line of another form is shown as it stands.
"""

from bot.studio.comparing.changes import Called, Value, Words, listed
from bot.studio.comparing.naming import Names

_ENGINE = "bot"


def line_said(line: str, names: Names, question: str = "") -> Value:
    """Give a line without its comment in words; an empty one is *nothing*. `question`: the id of the question that it answers."""
    if not line:
        return Words("line.nothing")
    if line.startswith("<"):
        return _message(line[1:].split(), names)
    if line.startswith(">"):
        return _deed(line[1:].strip(), names, question)
    key, _, words = line.partition(":")
    return _check(key.strip(), words.strip(), names)


def message_said(id_: str, names: Names) -> Value:
    """Give a message by its words; one that has none by what it does."""
    flow, _, rest = id_.partition(".")
    by_step = flow != _ENGINE and not {":", "."} & set(rest) and flow in names.draft.flows
    said = names.step(flow, rest) if by_step else names.text(id_, id_)
    return Words("difference.quoted", {"word": Called(id_, said.said)}) if isinstance(said, Called) else said


def _message(words: list[str], names: Names) -> Value:
    id_, *keys = words or [""]
    if id_ in ("...", "staff"):
        return Words("line.any" if id_ == "..." else "line.staff")
    flow, _, key = id_.partition(".")
    there = names.draft.flows.get(flow)
    step = there.step(key) if there is not None else None
    asks = step is not None and step.word in ("ask", "consent")
    if not asks:
        return Words("line.says", {"message": message_said(id_, names)})
    if not keys:
        return Words("line.asks", {"message": message_said(id_, names)})
    answers = listed([_answer(key.strip("[]"), id_, names) for key in keys])
    return Words("line.asks-with", {"message": message_said(id_, names), "answers": answers})


def _answer(key: str, question: str, names: Names) -> Value:
    flow, _, ask = question.partition(".")
    found = names.choice(flow, ask, key) if question else Called(key)
    if isinstance(found, Called) and not found.said:
        found = names.text(f"bot.{key}", key)
    return Words("difference.quoted", {"word": found})


def _deed(words: str, names: Names, question: str) -> Value:
    if words.startswith("[") and words.endswith("]"):
        return Words("line.presses", {"answer": _answer(words[1:-1].strip(), question, names)})
    if words.startswith("("):
        return Words("line.does", {"words": Called(words.strip("()"))})
    return Words("line.writes", {"words": Called(words)})


def _check(key: str, words: str, names: Names) -> Value:
    name, _, language = key.partition(" ")
    match name:
        case "has" | "not" | "never":
            tongue: dict[str, Value] = {"tongue": Words(f"tongue.{language}")} if language else {}
            return Words(f"line.{name}{'-in' if language else ''}", {"words": Called(words), **tongue})
        case "state" if words in ("bot", "waiting", "human"):
            return Words(f"line.state.{words}")
        case "language":
            return Words("line.language", {"tongue": Words(f"tongue.{words}")})
        case "case":
            return _case(words, names)
        case "kept":
            kept = [] if words == "nothing" else words.split()
            return Words("line.kept", {"answers": listed([_kept(each, names) for each in kept])}) if kept else Words("line.kept.nothing")
        case _:
            return Called(f"{key}: {words}")


def _kept(answer: str, names: Names) -> Value:
    flow, dot, name = answer.partition(".")
    return names.answer(flow, name) if dot else names.answer("", answer)


def _case(words: str, names: Names) -> Value:
    head, _, fields = words.partition(":")
    team, _, urgency = head.strip().partition(" ")
    if team == "none":
        return Words("line.case.none")
    shown = listed([names.answer("", field) for field in fields.split()])
    return Words("line.case", {"team": names.team(team), "urgency": Words(f"difference.urgency.{urgency or 'normal'}"), "fields": shown})
