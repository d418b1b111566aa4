"""Every text of a bundle with its id and its place, and what may stand in its braces.

Rule 1: an id is where the text stands (language reference §11), so it never depends on the words.
Rule 2: a text may say back only what the person can safely see again: shared answers that are not private, and facts of the service.
"""

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias, assert_never

from bot.flow import model as m
from bot.flow.draft import DraftFlow, DraftStep, SourceText
from bot.flow.model_service import BotModel, DirectoryModel, RepliesModel, TeamsModel
from bot.flow.tree import Items, Node, Scalar, Table, find, place_at

Kind: TypeAlias = Literal["text", "button", "page", "label", "help", "none", "title", "engine", "contact", "name", "reply"]

BOT_FILE: Final = "flows/bot.yaml"
TEAMS_FILE: Final = "flows/teams.yaml"
DIRECTORY_FILE: Final = "flows/directory.yaml"
REPLIES_FILE: Final = "flows/replies.yaml"


class _Teller:
    """Makes the texts of one file, with their places."""

    def __init__(self, file: str, node: Node) -> None:
        self._file = file
        self._node = node

    def text(self, id_: str, kind: Kind, note: str, *path: str | int) -> SourceText | None:
        """The text at the path, if one is there."""
        found = find(self._node, path)
        if not isinstance(found, Scalar) or not found.text.strip():
            return None
        said = found.text.strip("\n ")
        return SourceText(id_, said, self._file, found.place.line, note, found.place.column, kind)

    def word(self, id_: str, said: str, note: str, *path: str | int) -> SourceText:
        """A text that is not written out but stands for a key."""
        place = place_at(self._node, path)
        return SourceText(id_, said, self._file, place.line, note, place.column, "name")


def texts_of_flow(flow: DraftFlow) -> Iterator[SourceText]:
    """The texts of a flow, in the order of the file."""
    teller = _Teller(flow.file, flow.node)
    title = teller.text(f"{flow.name}:title", "title", "for staff: what this flow is", "title")
    about = f"flow ‹{title.text if title else flow.name}›"
    yield from _there(title)
    for step in flow.steps:
        yield from _there(*_step_texts(teller, step, about))


def _step_texts(teller: _Teller, step: DraftStep, about: str) -> Iterator[SourceText | None]:
    at = ("steps", step.index)
    note = f"{about}, step ‹{step.key}›"
    match step.word:
        case "say" | "consent" | "remind":
            yield teller.text(step.id, "text", note, *at, "text")
        case "ask":
            yield from _ask_texts(teller, step, note)
        case "pages":
            yield from _page_texts(teller, step, note)
        case "contacts":
            yield teller.text(f"{step.id}:none", "none", f"{note}: said when there is nobody to name", *at, "none")
        case _:
            return


def _ask_texts(teller: _Teller, step: DraftStep, note: str) -> Iterator[SourceText | None]:
    at = ("steps", step.index)
    yield teller.text(step.id, "text", f"{note}: a question", *at, "text")
    yield teller.text(
        f"{step.id}:label", "label", f"{note}: a short name of the answer, for staff and for the list of a consent", *at, "label"
    )
    yield teller.text(f"{step.id}:help", "help", f"{note}: said after a first answer that was not understood", *at, "help")
    listed = step.model.choices if isinstance(step.model, m.AskModel) else None
    for key in listed if isinstance(listed, dict) else ():
        yield teller.text(f"{step.id}.{key}", "button", f"{note}: a button", *at, "choices", key)


def _page_texts(teller: _Teller, step: DraftStep, note: str) -> Iterator[SourceText | None]:
    if isinstance(step.model, m.PagesModel):
        for number, page in enumerate(step.model.list):
            yield teller.text(f"{step.id}.{page.page}", "page", f"{note}: a page", "steps", step.index, "list", number, "text")


def texts_of_bot(bot: BotModel, node: Node) -> Iterator[SourceText]:
    """The texts of bot.yaml."""
    teller = _Teller(BOT_FILE, node)
    yield from _there(teller.text("bot.name", "name", "the name of the service", "name"))
    yield from _there(teller.text("bot.org", "name", "who runs the service; stands inside sentences", "org"))
    for name, listed in bot.answers.items():
        for key in listed:
            yield from _there(teller.text(f"answers.{name}.{key}", "button", f"answers ‹{name}›: a button", "answers", name, key))
    for code, country in bot.countries.items():
        yield from _there(teller.text(f"countries.{code}", "button", "a country", "countries", code, "name"))
        for place in country.places:
            yield from _there(
                teller.text(f"countries.{code}.{place}", "button", f"a place in {country.name}", "countries", code, "places", place)
            )
    for part in bot.hours:
        note = "a part of the day, as a button and in lists"
        named = teller.text(f"hours.{part}", "name", note, "parts-of-day", part)
        yield named or teller.word(f"hours.{part}", spelled(part), note, "hours", part)
    for key in bot.texts:
        yield from _there(teller.text(f"bot.{key}", "engine", "said by the machine itself", "texts", key))


def texts_of_teams(teams: TeamsModel, node: Node) -> Iterator[SourceText]:
    """The names of the teams."""
    teller = _Teller(TEAMS_FILE, node)
    for id_ in teams.teams:
        yield from _there(teller.text(f"teams.{id_}:name", "name", "the name of a team; stands inside sentences", "teams", id_, "name"))


def texts_of_directory(directory: DirectoryModel, node: Node) -> Iterator[SourceText]:
    """What is said of contacts."""
    teller = _Teller(DIRECTORY_FILE, node)
    parts = {"name": "its name", "who-answers": "who answers", "may-follow": "what may follow a call", "cost": "what it costs"}
    for id_, contact in directory.contacts.items():
        for key, note in parts.items():
            yield from _there(teller.text(f"directory.{id_}:{key}", "contact", f"contact ‹{contact.name}›: {note}", "contacts", id_, key))


def texts_of_replies(replies: RepliesModel, node: Node) -> Iterator[SourceText]:
    """The ready replies: their names for staff, and what is sent."""
    teller = _Teller(REPLIES_FILE, node)
    for id_, reply in replies.replies.items():
        yield from _there(teller.text(f"replies.{id_}:title", "title", "for staff: the name of a ready reply", "replies", id_, "title"))
        note = f"ready reply ‹{reply.title}›: a caseworker sends it"
        yield from _there(teller.text(f"replies.{id_}", "reply", note, "replies", id_, "text"))


def commented_places(node: Node) -> frozenset[tuple[int, int]]:
    """Line and column of every scalar with a comment on its line."""
    return frozenset((scalar.place.line, scalar.place.column) for scalar in _scalars(node) if scalar.commented)


def _scalars(node: Node) -> Iterator[Scalar]:
    match node:
        case Scalar():
            yield node
        case Items(items):
            for item in items:
                yield from _scalars(item)
        case Table(entries):
            for entry in entries.values():
                yield from _scalars(entry.value)
        case _:
            assert_never(node)


def _there(*texts: SourceText | None) -> Iterator[SourceText]:
    return (text for text in texts if text is not None)


def spelled(key: str) -> str:
    """What stands for a key that nobody has written out."""
    return key.replace("-", " ").capitalize()
