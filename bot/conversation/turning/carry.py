"""Carries out the effects of one event into one Commit: rows to send, timers, the case, the audit, the keys.

Rule 1: a row holds everything needed to send it, sealed; sending reads nothing else of the person.
Rule 2: an erasure takes all with it but one farewell, under a key of its own that dies within the hour.
"""

from typing import assert_never

from msgspec import Struct, structs

from bot.conversation.cases.casework import CaseEdit, GroupWords
from bot.conversation.keeping.casefile import place_of, places_of
from bot.conversation.keeping.envelope import (
    AnswerDue,
    Envelope,
    Later,
    Parcel,
    Reassigned,
    RouteCard,
    Shown,
    shown_bytes,
    shown_with,
    to_bytes,
)
from bot.conversation.keeping.lately import LeftOpen
from bot.conversation.keeping.scene import Scene
from bot.conversation.keeping.vault import Keys, Vault
from bot.conversation.pacing.outgoing import human, message
from bot.conversation.pacing.traffic import NOTICE, PAGE, PERSON
from bot.engine.effects import (
    AddToCase,
    Alert,
    CancelReminders,
    Effect,
    Erase,
    Keyboard,
    MarkCase,
    OpenCase,
    PassCase,
    RaiseUrgency,
    Relay,
    Remind,
    RemoveMessage,
    Send,
)
from bot.engine.events import Corrected, Left, MediaSent, Pressed, ReminderDue, Said, Started, WordPressed
from bot.engine.session import Session, encode
from bot.flow.program import Pages
from bot.ports import Audit, Commit, Outgoing, OutRow, Timer

ERASED = "erased"
"""Id of the row that deletes from the phone what is known to be there."""
KEYBOARD = ("stop", "human", "menu", "back")


class Parcels(Struct, frozen=True):
    """The parcels of one commit by row, with the keys they were sealed under."""

    keys: Keys
    by_row: dict[str, Parcel]


class Carrier:
    """Builds one Commit. `parcels`: what its rows hold, once it is built; `left`: what it keeps of the person, open."""

    def __init__(self, *, vault: Vault, words: GroupWords, scene: Scene, edit: CaseEdit) -> None:
        self._vault = vault
        self._words = words
        self._scene = scene
        self._hand = scene.hand
        self._edit = edit
        self._person: list[Outgoing] = []
        self._timers: list[Timer] = []
        self._audit: list[Audit] = []
        self._drop_timers = False
        self._erase: Erase | None = None
        self._keyboard = scene.card.keyboard
        self._quiet = scene.card.quiet
        self._notice: list[Outgoing] = []
        self._language = scene.card.language
        self.parcels = Parcels(scene.keys, {})
        self.left: LeftOpen | None = None

    def carry(self, after: Session | None, effects: tuple[Effect, ...]) -> Commit:
        """Give the Commit for this new session and these effects."""
        if after is not None:
            self._language = after.language
        if self._quiet and isinstance(self._hand.envelope.event, Started | Said | Corrected | Pressed | WordPressed | MediaSent):
            self._quiet = False
        elif isinstance(self._hand.envelope.event, Left):
            self._quiet = True
        for effect in effects:
            if isinstance(effect, Keyboard):
                self._keyboard = "show" if effect.show else "hide"
                self._quiet = not effect.show
        if isinstance(self._hand.envelope.event, Reassigned):
            self._note(f"staff:{self._hand.envelope.by}", "case.assigned", self._hand.envelope.event.case)
        for effect in effects:
            self._one(effect, after)
        self._end_buttons(after)
        return self._farewell() if self._erase is not None else self._commit(after)

    def tell(self, session: Session | None, messages: list[Outgoing]) -> Commit:
        """Give the Commit that tells a person what many are told; of everything else it changes nothing."""
        self._notice = messages
        return self._commit(session)

    # ── one effect ──
    def _one(self, effect: Effect, after: Session | None) -> None:  # noqa: C901 one line for each order of a closed list
        match effect:
            case Send():
                self._say(effect, after)
            case Relay() | OpenCase() | PassCase() | AddToCase() | RaiseUrgency() | MarkCase():
                self._on_case(effect)
            case Erase():
                self._erase = effect
            case Remind():
                self._timers.append(self._timer(effect))
            case CancelReminders():
                self._drop_timers = True
            case Alert():
                self._note("bot", f"alert.{effect.reason}", effect.about)
            case RemoveMessage():
                self._remove()
            case Keyboard():
                pass  # known before the messages were rendered
            case _:
                assert_never(effect)

    def _on_case(self, effect: Relay | OpenCase | PassCase | AddToCase | RaiseUrgency | MarkCase) -> None:
        envelope = self._hand.envelope
        match effect:
            case Relay():
                self._relay(effect)
            case OpenCase():
                self._edit.open(effect)
                verb = "case.opened" if effect.new else "case.reopened" if effect.reopened else "case.changed"
                self._note("bot", verb, effect.code)
            case PassCase():
                self._edit.passed(effect, note=envelope.note)
                self._note(f"staff:{envelope.by}", "case.passed-agreed" if effect.agreed else "case.passed", effect.case)
            case AddToCase():
                self._edit.add(effect, source=f"{envelope.channel}:{envelope.message}" if envelope.message else "")
            case RaiseUrgency():
                self._edit.raised(effect)
            case MarkCase():
                keep = self._scene.program.service.keep.case
                self._edit.mark(effect, outcome=envelope.outcome, partner=envelope.partner, keep_minutes=keep)
                self._note(f"staff:{envelope.by}" if envelope.by else "person", f"case.{effect.state}", effect.case)
            case _:
                assert_never(effect)

    def _relay(self, order: Relay) -> None:
        """A caseworker's words; a correction says that it is one, on a line of its own."""
        texts = self._scene.program.texts
        head = texts.say("bot.correction", self._language) + "\n" if order.corrects and texts.has("bot.correction") else ""
        parts = human(head + order.text, self._language, case=order.case)
        self._person += parts
        envelope = self._hand.envelope
        waited = isinstance(envelope.event, AnswerDue)
        from_topic = envelope.channel == "topic" or (waited and bool(envelope.source))
        self._edit.relayed(order, from_topic=from_topic, source=envelope.source, edits=envelope.edits, waited=waited)
        self._edit.put_out(self._hand.taken.event, len(parts))

    def _say(self, send: Send, after: Session | None) -> None:
        stamp = (after.life, after.turn) if after is not None else ("", 0)
        who = after.who if after is not None else None
        parts = message(send, self._scene.program.texts, self._language, stamp=stamp, who=who)
        if self._keyboard is not None and not parts[-1].buttons:
            parts[-1] = self._with_keyboard(parts[-1])
        self._person += parts
        if send.id.startswith("bot."):
            for part in send.parts:
                self._edit.bot_said(part)

    def _with_keyboard(self, out: Outgoing) -> Outgoing:
        texts = self._scene.program.texts
        labels = tuple(texts.say(f"bot.{word}", self._language) for word in KEYBOARD) if self._keyboard == "show" else ()
        shown = structs.replace(out, keyboard=self._keyboard, keyboard_labels=labels)
        self._keyboard = None
        return shown

    def _remove(self) -> None:
        if self._hand.envelope.message:
            self._person.append(Outgoing(kind="remove", language=self._language, remove_ids=(self._hand.envelope.message,)))

    def _end_buttons(self, after: Session | None) -> None:
        """The message whose button was pressed loses its buttons with the first message of this turn, or becomes the next page."""
        envelope = self._hand.envelope
        pressed = isinstance(envelope.event, Pressed | WordPressed) and envelope.message
        if not pressed or not self._person or self._person[0].kind != "bot":
            return
        turned = len(self._person) == 1 and bool(self._person[0].buttons) and self._same_pages(after)
        self._person[0] = structs.replace(self._person[0], replaces=envelope.message, edit=turned)

    def _same_pages(self, after: Session | None) -> bool:
        """Whether the conversation stands at the same pages step as before."""
        before = self._hand.opened.session
        if before is None or after is None or not before.frames or not after.frames:
            return False
        old, new = before.frames[-1], after.frames[-1]
        flow = self._scene.program.flows.get(new.flow)
        if (old.flow, old.step) != (new.flow, new.step) or flow is None or new.step not in flow.at:
            return False
        return isinstance(flow.steps[flow.at[new.step]], Pages)

    def _timer(self, order: Remind) -> Timer:
        event = ReminderDue(at=order.at, life=order.life, name=order.name)
        # Its time is part of its name: a reminder that is put off, or set again within two days, is another event than the one that rang.
        name = f"remind:{order.life}:{order.name}:{int(order.at)}"
        person = self._hand.taken.person
        return Timer(name=name, due=order.at, sealed=self._vault.seal_later(person, name, to_bytes(Envelope(event=event))))

    def _wakes(self) -> tuple[Timer, ...]:
        """Timers of this turn; where all are dropped, those of answers that were put off are set again."""
        later = self._edit.file.later if self._drop_timers else self._edit.fresh_later
        return (*self._timers, *(self._answer_timer(one) for one in later))

    def _answer_timer(self, one: Later) -> Timer:
        code = self._edit.index.code if self._edit.index is not None else ""
        event = AnswerDue(at=one.at, case=code, id=one.id)
        name = f"remind:{code}:{one.id}:{int(one.at)}"
        person = self._hand.taken.person
        return Timer(name=name, due=one.at, sealed=self._vault.seal_later(person, name, to_bytes(Envelope(event=event))))

    def _note(self, actor: str, verb: str, about: str) -> None:
        self._audit.append(Audit(at=self._hand.envelope.event.at, actor=actor, verb=verb, about=about))

    # ── rows ──
    def _rows(self, messages: list[Outgoing], keys: Keys, *, lane: str, channel: str, route: str, first: int = 0) -> list[OutRow]:
        event = self._hand.taken.event
        rows = []
        for n, out in enumerate(messages, first):
            row = f"{event}/{lane[0]}{n:02d}"
            parcel = self.parcels.by_row[row] = Parcel(channel=channel, route=route, message=out)
            sealed = self._vault.seal(keys, to_bytes(parcel), kind="outbox", row=row, version=0)
            rank = 2 if lane == NOTICE else 1 if out.kind == "bot" else 0
            rows.append(OutRow(id=row, sealed=sealed, due=self._hand.envelope.event.at, lane=lane, case=out.case, rank=rank))
        return rows

    def _all_rows(self, keys: Keys) -> tuple[OutRow, ...]:
        card = self._scene.card
        rows = self._rows(self._person, keys, lane=_lane(card.channel), channel=card.channel, route=card.route)
        if self._notice:
            rows += self._rows(self._notice, keys, lane=NOTICE, channel=card.channel, route=card.route)
        gone = self._topic_of_before(keys)
        here = self._words.groups.of(self._edit.index.team) if self._edit.index is not None else None
        posts = self._rows(self._edit.posts, keys, lane=here.lane, channel=here.channel, route="", first=len(gone)) if here else []
        return (*rows, *gone, *posts)

    def _topic_of_before(self, keys: Keys) -> list[OutRow]:
        """The topic goes with what the next team may not see; what follows makes another. One that is still to be made goes as well.

        If the next team has another group, the topic stays in this one, closed, with a word on where its case went.
        """
        record, index = self._scene.hand.case, self._edit.index
        old = self._words.groups.of(record.index.team) if record is not None else None
        if record is None or index is None or old is None:
            return []
        place = place_of(self._vault, record)
        if self._words.groups.of(index.team) != old:
            left = self._edit.left(place) if place else []
            return self._rows(left, keys, lane=old.lane, channel=old.channel, route=place)
        if not self._edit.hides:
            return []
        gone = Outgoing(kind="remove", language=self._words.language, case=record.index.code)
        return self._rows([gone], keys, lane=old.lane, channel=old.channel, route=place)

    # ── the two ways a turn ends ──
    def _commit(self, after: Session | None) -> Commit:
        scene = self._scene
        hand, keys, seal = scene.hand, scene.keys, self._vault.seal
        row, version = hand.taken.person.hex(), hand.record.version + 1
        shown = self._shown()
        route, card = self._route(row)
        session = seal(keys, encode(after), kind="session", row=row, version=version) if after is not None else None
        receipts = seal(keys, shown_bytes(shown), kind="shown", row=row, version=0) if shown else None
        parts = {receipts: shown} if receipts is not None else {}
        self.left = LeftOpen(keys.life, version, session, after, route, card, parts)
        return Commit(
            person=hand.taken.person,
            version=hand.record.version,
            event=hand.taken.event,
            taken=hand.taken.row,
            wraps=keys.wraps,
            session=session,
            route=route,
            outbox=self._all_rows(keys),
            timers=self._wakes(),
            drop_timers=self._drop_timers,
            case=self._edit.write(),
            audit=tuple(self._audit),
            receipts=receipts,
            folds=len(hand.record.receipts),
            expires=self._ends(after),
        )

    def _route(self, row: str) -> tuple[bytes, RouteCard]:
        """The way back, sealed and open; as it is kept, if nothing of it changed."""
        card, kept = self._scene.card, self._scene.hand
        if card.language != self._language or card.keyboard != self._keyboard or card.quiet != self._quiet:
            card = structs.replace(card, language=self._language, keyboard=self._keyboard, quiet=self._quiet)
        index = self._edit.index
        if index is not None and index.state == "closed":
            card = structs.replace(card, past_case=index.code, past_team=index.team)
        if kept.record.route is not None and card == kept.opened.card:
            return kept.record.route, card
        return self._vault.seal(self._scene.keys, to_bytes(card), kind="route", row=row, version=0), card

    def _ends(self, after: Session | None) -> float | None:
        """When the conversation ends by itself: never while a case is open, later while a reminder waits."""
        if after is None or self._notice:
            return self._hand.record.ends  # nothing that the person did: what is kept lives no longer for it
        if after.case is not None:
            return None
        service = self._scene.program.service
        minutes = service.keep.route if after.reminders else service.silence.forget
        return self._hand.envelope.event.at + minutes * 60

    def _shown(self) -> Shown:
        """What is on the person's phone, with the message just come; a page in a browser keeps no ids."""
        scene = self._scene
        message = scene.hand.envelope.message if scene.card.channel != "web" else None
        hours = scene.program.service.keep.messages // 60
        return shown_with(scene.hand.opened.shown, scene.hand.envelope.event.at, message, hours)

    def _end_topics(self, keys: Keys, present: str) -> list[OutRow]:
        """Delete the topic of every case there ever was; in that of the open one it is said first, for who looks at it now."""
        rows: list[OutRow] = []
        for record in self._scene.hand.others:
            code = record.index.code
            told = self._edit.posts if code == present else []
            group = self._words.groups.of(record.index.team) or next(iter(self._words.groups.all), None)
            if group is None:
                continue
            for place in places_of(self._vault, record):
                gone = Outgoing(kind="remove", language=self._words.language, case=code)
                rows += self._rows([*told, gone], keys, lane=group.lane, channel=group.channel, route=place, first=len(rows))
                told = []
        return rows

    def _farewell(self) -> Commit:
        scene, erase = self._scene, self._erase
        if erase is None:  # pragma: no cover - carry() asks first
            raise AssertionError
        keys = self._vault.new_person_keys(scene.hand.taken.person.hex())
        farewell_id = "bot.erased-web" if scene.card.channel == "web" else erase.farewell.id
        said = scene.program.texts.render(structs.replace(erase.farewell, id=farewell_id), self._language)
        last: list[Outgoing] = [Outgoing(kind="farewell", language=self._language, text=said, id=farewell_id, keyboard="hide")]
        gone = tuple(dict.fromkeys(str(id_) for _, ids in self._shown() for id_ in ids))
        if gone:
            last.append(Outgoing(kind="remove", language=self._language, id=ERASED, remove_ids=gone))
        rows = self._rows(last, keys, lane=_lane(scene.card.channel), channel=scene.card.channel, route=scene.card.route)
        case = self._edit.erased()
        rows += self._end_topics(keys, case.index.code if case is not None else "")
        self._note("person" if not scene.hand.envelope.by else "operator", "erased", scene.keys.life)
        return Commit(
            person=scene.hand.taken.person,
            version=scene.hand.record.version,
            event=scene.hand.taken.event,
            taken=scene.hand.taken.row,
            outbox=tuple(rows),
            case=case,
            audit=tuple(self._audit),
            erase=True,
            farewell_wraps=keys.wraps,
            drop_timers=True,
        )


def _lane(channel: str) -> str:
    return PAGE if channel == "web" else PERSON
