"""Everything the engine can order: a closed list, in the imperative.

Rule 1: an effect says what should be, never how; whoever carries it out may be killed between any two and start again.
Rule 2: the effects of one event are carried out as one commit, in this order.
"""

from typing import Literal, TypeAlias

from msgspec import Struct

from bot.flow.program import Urgency
from bot.i18n.values import Text, Value


class Button(Struct, frozen=True, array_like=True):
    """A button: the key that a press brings back, and its label. `link`: a global word instead of a choice."""

    key: str
    label: Text
    glob: bool = False


class Card(Struct, frozen=True, array_like=True):
    """A contact as a person sees it, line by line. `numbers`, `chats` (WhatsApp), `emails`: each alone on its line."""

    name: Text
    country: Text | None
    numbers: tuple[str, ...]
    chats: tuple[str, ...]
    emails: tuple[str, ...]
    lines: tuple[Text, ...]  # open now or when, languages, cost, who answers
    may_follow: Text
    checked: Text  # checked on …, or not yet checked


class Send(Struct, frozen=True, array_like=True, tag=True):
    """Say one message. `id`: what tests and staff call it. `parts`: whole texts, one under the other; then `cards`.

    `edit`: this answers the latest message with buttons, which may be edited in place. `listen`: a recording may exist under `id`.
    `listen_key`: page key, or empty.
    """

    id: str
    parts: tuple[Text, ...]
    buttons: tuple[Button, ...] = ()
    cards: tuple[Card, ...] = ()
    listen: bool = False
    sensitive: bool = False


class Relay(Struct, frozen=True, array_like=True, tag=True):
    """Send a caseworker's words to the person, as they are. `said`: of a canned reply, its text. `corrects`: they replace earlier ones."""

    case: str
    text: str
    said: Text | None = None
    corrects: bool = False


class OpenCase(Struct, frozen=True, array_like=True, tag=True):
    """Open, move or add to the one case of this person. `fields`: (label, value) as consented; staff see exactly these.

    `names`: the names of the answers shown, sorted, for tests. `code`: chosen by the engine from the event's nonce when new.
    `reopened`: it was closed before. `need`: the flow whose consent this is. `withheld`: answers of this run that were not shared.
    `unwritten`: nobody writes before the person does.
    """

    code: str
    team: str
    urgency: Urgency
    fields: tuple[tuple[Text, Value], ...]
    names: tuple[str, ...]
    new: bool
    moved: bool = False
    safe_hours: tuple[str, ...] = ()
    reopened: bool = False
    need: str = ""
    country: str = ""
    withheld: int = 0
    phrase: str = ""
    way: Value | None = None
    unwritten: bool = False


class PassCase(Struct, frozen=True, array_like=True, tag=True):
    """Put the open case into the queue of a team. `agreed`: what was shared and said goes along."""

    case: str
    team: str
    agreed: bool


class AddToCase(Struct, frozen=True, array_like=True, tag=True):
    """Put the person's words (or the word for a kind of media) on the case's thread. `file`: the channel's handle, if any.

    `edited`: they take the place of words written before.
    """

    case: str
    text: str
    kind: Literal["text", "photo", "voice", "file", "location"] = "text"
    file: str | None = None
    edited: bool = False


class RaiseUrgency(Struct, frozen=True, array_like=True, tag=True):
    """The open case is more urgent than it was."""

    case: str
    urgency: Urgency


class MarkCase(Struct, frozen=True, array_like=True, tag=True):
    """The case is with a caseworker, closed, to be left unwritten (the person stopped), to be written again, or its person left."""

    case: str
    state: Literal["claimed", "closed", "do-not-write", "may-write", "left"]


class Erase(Struct, frozen=True, array_like=True, tag=True):
    """Destroy everything kept about this person, the case too; then say the farewell `id` under a one-time key."""

    farewell: Text
    case: str | None = None


class Keyboard(Struct, frozen=True, array_like=True, tag=True):
    """Show or take away the standing keyboard (Stop, Human, Menu, Back) of channels that have one."""

    show: bool


class RemoveMessage(Struct, frozen=True, array_like=True, tag=True):
    """Delete the message that brought this event from the phone, where the channel allows it (a photo of papers)."""


class Remind(Struct, frozen=True, array_like=True, tag=True):
    """Wake this conversation with `ReminderDue` at `at` (UTC seconds)."""

    life: str
    name: str
    at: float


class CancelReminders(Struct, frozen=True, array_like=True, tag=True):
    """No reminder of this person may wake any more."""


class Alert(Struct, frozen=True, array_like=True, tag=True):
    """Tell the operator that something is wrong: a closed list of reasons, and an id that names no person."""

    reason: Literal["handoff-without-consent", "contact-expired", "too-many-steps", "no-contact", "case-damaged"]
    about: str


Effect: TypeAlias = (
    Send
    | Relay
    | OpenCase
    | PassCase
    | AddToCase
    | RaiseUrgency
    | MarkCase
    | Erase
    | Keyboard
    | RemoveMessage
    | Remind
    | CancelReminders
    | Alert
)
