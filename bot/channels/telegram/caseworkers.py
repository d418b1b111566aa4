"""What caseworkers write and press in a group of theirs: each tied to one case or refused, never guessed.

Rule 1: a topic and its case must name each other, and a button must be of that very case; anything else is refused with a reason.
Rule 2: a case is answered in the group of its team: in another, where its topic may still stand, nothing is done for it.
Rule 3: who writes is kept as a pseudonym and a tree; the right to answer is a linked account, or, where the group is trusted, to be in it.
Rule 4: words of somebody else, and words that belong elsewhere, are nobody's answer.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from bot.channels.telegram.group import DeskGroup, place_in
from bot.channels.telegram.orders import COMMANDS, STROKE, Orders, Told
from bot.channels.telegram.wire import FromGroup, FromStaff, GroupMoved, GroupStands, StaffPressed, TopicShut
from bot.conversation.cases.desk import Desk
from bot.conversation.group.groups import ONE, Groups
from bot.conversation.group.groupstate import GroupState
from bot.conversation.group.groupwords import GroupWords
from bot.conversation.group.presses import Press, actions, data_of, press_of
from bot.conversation.keeping.vault import Vault
from bot.conversation.staffing.staff import StaffBook, StaffMember
from bot.flow.program import Program
from bot.i18n.staff import StaffTexts
from bot.ports import OutButton

MOST_CHOICES: Final = 40
"""Buttons of one choice; the desk in a browser has them all."""
ME: Final = "/me"
TOLD_ONCE: Final = 256
"""Topics of the group's own that were told once that nobody answers there."""


class Caseworkers:
    """The desk by topics."""

    def __init__(
        self,
        *,
        group: DeskGroup,
        desk: Desk,
        staff: StaffBook,
        vault: Vault,
        state: GroupState,
        program: Callable[[], Program],
        texts: StaffTexts,
        language: str,
        trusted: bool = True,
        groups: Groups = ONE,
        key: str = "",
    ) -> None:
        self._group = group
        self._groups, self._key = groups, key
        self._desk = desk
        self._staff = staff
        self._vault = vault
        self._state = state
        self._texts = texts
        self._language = language
        self._trusted = trusted
        self._orders = Orders(desk=desk, staff=staff, program=program, texts=texts)
        self._told: OrderedDict[int, None] = OrderedDict()

    @property
    def group(self) -> int:
        """The group's number now."""
        return self._group.group

    async def recall_group(self) -> None:
        """Take the group's newer number, if it moved while another process ran."""
        await self._group.moves.recall()

    async def offer(self) -> None:
        """Let the menu of commands in the group hold those of caseworkers, in place of those of people."""
        await self._group.offer({word: self._texts.say(f"topic.command.{word}", self._language) for word in COMMANDS})

    async def take(self, what: FromGroup) -> None:
        """Do what something in the group asks for; say why if it was not done."""
        match what:
            case FromStaff():
                await self._written(what)
            case StaffPressed():
                await self._pressed(what)
            case TopicShut(_, topic):
                await self._shut(topic)
            case GroupMoved(_, to):
                await self._group.moves.remember(to)
            case GroupStands(_, lacks):
                await (self._state.failed(lacks) if lacks else self._state.worked())

    # ── words ──
    async def _written(self, message: FromStaff) -> None:
        if message.text.partition(" ")[0].partition("@")[0] == ME and not message.odd and not message.edited:
            await self._linked(message)
            return
        code = await self._desk.by_topic(place_in(self.group, message.topic))
        if code is None:
            await self._of_no_case(message)
            return
        told = await self._outcome(message, code)
        if told.outcome == "put-off":
            await self._waits(message, code)
        elif told.outcome != "done":
            lead = "topic.not-corrected" if message.edited else "topic.not-sent"
            why = self._texts.say(await self._why(code, told), self._language)
            await self._group.say(message.topic, self._texts.say(lead, self._language, why=why), reply_to=message.message)
        elif told.said in ("topic.help", "topic.replies"):
            await self._group.say(message.topic, self._texts.say(told.said, self._language, name=told.name), reply_to=message.message)

    async def _waits(self, message: FromStaff, code: str) -> None:
        """Say when the words go, and let them be taken back."""
        staff, action = await self._who(message.user), _action(message)
        if staff is None:
            return
        when = await self._orders.waits_until(code, staff, action)
        undo = OutButton(self._texts.say("topic.button.undo", self._language), data_of(Press("undo", code, action)))
        said = self._texts.say("topic.waits", self._language, when=when)
        await self._group.say(message.topic, said, reply_to=message.message, buttons=(undo,))

    async def _why(self, code: str, told: Told) -> str:
        """The text that says why not. To who is not of its team the desk says of a case that it is gone; here its topic is before them."""
        theirs = told.outcome == "erased" and await self._desk.is_open(code)
        return "topic.why.forbidden" if theirs else f"topic.why.{told.outcome}"

    async def _of_no_case(self, message: FromStaff) -> None:
        """Nobody reads what is written there. A topic of ours without a case is left over from a crash, or its case is gone."""
        if message.theirs and message.topic in self._told:
            return
        self._told[message.topic] = None
        while len(self._told) > TOLD_ONCE:
            self._told.popitem(last=False)
        why = self._texts.say("topic.why.unbound", self._language)
        await self._group.say(message.topic, self._texts.say("topic.not-sent", self._language, why=why), reply_to=message.message)
        if not message.theirs:
            await self._group.shut(message.topic)

    async def _outcome(self, message: FromStaff, code: str) -> Told:
        if message.odd:
            return Told(message.odd)
        if not await self._is_ours(code):
            return Told("elsewhere-now")
        staff = await self._who(message.user)
        if staff is None:
            return Told("unlinked")
        action, source = _action(message), f"tg:{message.message}"
        if message.edited:
            if message.text.startswith(STROKE):
                return Told("edited-command")
            done = await self._desk.correct(code, staff, message.text, action, source=source, from_topic=True)
            return Told("edited" if done == "unknown" else done)
        if message.text.startswith(STROKE):
            return await self._orders.written(code, staff, message.text, action)
        return Told(await self._desk.answer(code, staff, message.text, action, from_topic=True, source=source))

    async def _shut(self, topic: int) -> None:
        """Nobody but administrators can write there now: while the case is open its topic is opened again."""
        code = await self._desk.by_topic(place_in(self.group, topic))
        if code is not None and await self._desk.is_open(code) and await self._is_ours(code):
            await self._group.reopen(topic)
            await self._group.say(topic, self._texts.say("topic.still-open", self._language))

    # ── buttons ──
    async def _pressed(self, pressed: StaffPressed) -> None:
        press = press_of(pressed.data)
        staff = await self._who(pressed.user)
        if staff is None:
            await self._group.answer(pressed.callback, self._texts.say("topic.press.unlinked", self._language), alert=True)
            return
        if press is None or pressed.topic is None:
            await self._refuse(pressed, staff, "topic.press.unknown")
            return
        if await self._desk.by_topic(place_in(self.group, pressed.topic)) != press.code:
            await self._refuse(pressed, staff, "topic.press.other")
            return
        if not await self._is_ours(press.code):
            await self._refuse(pressed, staff, "topic.press.elsewhere-now")
            return
        match press.verb:
            case "note":
                await self._refuse(pressed, staff, "topic.press.note")
            case "look":
                await self._answered(pressed, staff, "")
                await self._as_it_stands(pressed, staff, press.code)
            case "transfer" | "team" | "close" | "back":
                await self._choose(pressed, staff, press)
            case _:
                await self._do(pressed, staff, press)

    async def _do(self, pressed: StaffPressed, staff: StaffMember, press: Press) -> None:
        told = await self._orders.pressed(press, staff, _action(pressed))
        if told.outcome == "done":
            await self._answered(pressed, staff, told.said, name=told.name)
        else:
            await self._refuse(pressed, staff, await self._why(press.code, told))
        if press.verb == "undo":
            await self._group.show(pressed.message, ())
        else:
            await self._as_it_stands(pressed, staff, press.code)

    async def _choose(self, pressed: StaffPressed, staff: StaffMember, press: Press) -> None:
        choices = [(label, data) for label, one in await self._orders.choices(press, staff) if (data := data_of(one))]
        if not choices:
            await self._refuse(pressed, staff, "topic.press.nobody")
            return
        await self._answered(pressed, staff, f"topic.press.{press.verb}")
        back = OutButton(self._texts.say("topic.button.look", self._language), data_of(Press("look", press.code)))
        await self._group.show(pressed.message, (*(OutButton(*one) for one in choices[:MOST_CHOICES]), back))

    async def _as_it_stands(self, pressed: StaffPressed, staff: StaffMember, code: str) -> None:
        """Put the buttons that the case has now under the post; those that others may press stay for them."""
        page = await self._desk.open(code, staff, limit=1)
        if page is not None:
            words = GroupWords(on=True, language=self._language, staff=self._texts)
            await self._group.show(pressed.message, () if page.erased else actions(words, page.index))

    async def _answered(self, pressed: StaffPressed, staff: StaffMember, id_: str, **values: str) -> None:
        await self._group.answer(pressed.callback, self._texts.say(id_, staff.language, **values) if id_ else "", alert=False)

    async def _refuse(self, pressed: StaffPressed, staff: StaffMember, id_: str) -> None:
        await self._group.answer(pressed.callback, self._texts.say(id_, staff.language), alert=True)

    async def _is_ours(self, code: str) -> bool:
        """Whether this is the group of the case's team now."""
        group = self._groups.of(await self._desk.team_of(code))
        return group is not None and group.key == self._key

    # ── who ──
    async def _who(self, user: int) -> StaffMember | None:
        return await self._staff.in_group(self._pseudonym(user), trusted=self._trusted, language=self._language)

    async def _linked(self, message: FromStaff) -> None:
        """Tie whoever wrote to the account whose page showed this code."""
        member = await self._staff.linked(self._pseudonym(message.user), message.text.partition(" ")[2])
        id_, values = ("topic.linked", {"name": member.name}) if member is not None else ("topic.not-linked", {})
        await self._group.say(message.topic, self._texts.say(id_, self._language, **values), reply_to=message.message)

    def _pseudonym(self, user: int) -> str:
        return self._vault.person("desk", str(user)).hex()


def _action(message: FromStaff | StaffPressed) -> str:
    return f"tg{message.update}"
