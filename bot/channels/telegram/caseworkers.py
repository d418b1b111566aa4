"""What caseworkers write in their group: an answer, a private note, an end; each tied to one case or refused, never guessed.

Rule 1: a topic and its case must name each other; anything else is refused with a reason.
Rule 2: who writes is kept as a pseudonym and a tree; membership of the group is the right to answer.
"""

from bot.channels.telegram.group import DeskGroup
from bot.channels.telegram.wire import FromStaff
from bot.conversation.desk import Desk, Outcome
from bot.conversation.staff import StaffBook, StaffMember
from bot.conversation.vault import Vault
from bot.i18n.staff import StaffTexts
from bot.ports import Stale, Store

GROUPS = "groups"


class Caseworkers:
    """The desk by topics."""

    def __init__(
        self, *, group: DeskGroup, desk: Desk, staff: StaffBook, vault: Vault, store: Store, texts: StaffTexts, language: str
    ) -> None:
        self._group = group
        self._desk = desk
        self._staff = staff
        self._vault = vault
        self._store = store
        self._texts = texts
        self._language = language

    @property
    def group(self) -> int:
        """The group's number now."""
        return self._group.group

    async def recall_group(self) -> None:
        """Take the group's newer number, if it moved while another process ran."""
        note = await self._store.note(GROUPS, "desk")
        if note is not None:
            old, _, new = note.value.decode().partition(">")
            if old == str(self._group.group):
                self._group.moved(int(new))

    async def moved(self, to: int) -> None:
        """The group was made a supergroup: keep its new number."""
        try:
            await self._store.put_note(GROUPS, "desk", f"{self._group.group}>{to}".encode())
        except Stale:
            return
        self._group.moved(to)

    async def take(self, message: FromStaff) -> None:
        """Do what a message in a topic asks for; say why if it was not done."""
        outcome = await self._outcome(message)
        if outcome != "done":
            why = self._texts.say(f"topic.why.{outcome}", self._language)
            await self._group.say(message.topic, self._texts.say("topic.not-sent", self._language, why=why), reply_to=message.message)

    async def _outcome(self, message: FromStaff) -> Outcome | str:
        if message.edited:
            return "edited"
        if message.anonymous:
            return "anonymous"
        code = await self._desk.by_topic(str(message.topic))
        if code is None:
            return "unbound"
        if message.text is None:
            return "empty"
        staff = await self._who(message.user)
        return await self._act(code, staff, message.text, f"tg{message.update}")

    async def _act(self, code: str, staff: StaffMember, text: str, action: str) -> Outcome:
        command, _, rest = text.partition(" ")
        match command.partition("@")[0].lower():
            case "/note":
                return await self._desk.note(code, staff, rest, action, from_topic=True)
            case "/close":
                return await self._desk.close(code, staff, rest.strip()[:40] or "answered", action, from_topic=True)
            case "/claim":
                return await self._desk.claim(code, staff, action)
            case other if other.startswith("/"):
                return "empty"
            case _:
                return await self._desk.answer(code, staff, text, action, from_topic=True)

    async def _who(self, user: int) -> StaffMember:
        id_ = f"tg-{self._vault.person('desk', str(user)).hex()[:16]}"
        return await self._staff.member(id_) or await self._staff.add(id_, language=self._language)
