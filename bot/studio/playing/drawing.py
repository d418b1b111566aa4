"""From what came of a deed to what one phone shows of it.

Rule 1: texts are rendered by the engine's renderer, and measured as the channels measure them.
Rule 2: a message is shown in the language of the moment it was made in, as in service.
"""

from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from msgspec import structs

from bot.checks.phrases import found_phrases
from bot.checks.player import GLOBAL, Player
from bot.checks.wording import opening
from bot.conversation.pacing.outgoing import split, units
from bot.engine.calendar import local
from bot.engine.effects import (
    AddToCase,
    Alert,
    Effect,
    Erase,
    MarkCase,
    OpenCase,
    PassCase,
    RaiseUrgency,
    Relay,
    Remind,
    RemoveMessage,
    Send,
)
from bot.engine.render import render, spoken
from bot.flow.program import Program
from bot.i18n.bidi import without_direction
from bot.i18n.plain import plain
from bot.i18n.values import Text
from bot.studio.playing.deeds import Deed
from bot.studio.playing.playable import STOPPED, Playable
from bot.studio.playing.screens import Bubble, Choice, Meaning, Measure, Note, Part

LIFE: Final = 16
"""Letters of the random name of a conversation, which every button carries."""
_ON_THE_WEB: Final = {"bot.erased": "bot.erased-web"}


class Drawing:
    """Draws one phone, which was set to this language. `reader`: language of who looks."""

    def __init__(self, play: Playable, program: Program, language: str, reader: str) -> None:
        self.reader = reader
        self.play = play
        self.program = program
        self.language = language
        self.now = language
        """The language it is spoken to in."""

    # ── what was done ──
    def before(self, player: Player, number: int, deed: Deed, meant: Meaning | None, *, typed: bool) -> list[Bubble]:
        """What the phone shows of a deed. `typed`: the words were typed in this phone, not in the one beside it."""
        match deed.do:
            case "writes":
                return [self._wrote(player, number, deed, meant, typed=typed)]
            case "edits":
                return [self._me(number, words=plain(deed.words), note=Note("edited"))]
            case "presses":
                return [self._me(number, pressed=deed.words, words=self._label(player, deed.words))]
            case "old":
                return [self._me(number, pressed=deed.words, words=deed.words, note=Note("old", deed.question))]
            case "sends":
                return [self._me(number, note=Note("media", deed.words))]
            case _:
                return [self._note(number, note)] if (note := _of_time(deed, number)) is not None else []

    def _wrote(self, player: Player, number: int, deed: Deed, meant: Meaning | None, *, typed: bool) -> Bubble:
        label = self._meant(player, meant) if meant is not None else ""
        meaning = Meaning(meant.kind, meant.key, label) if meant is not None else None
        if not typed and meant is not None and label and meant.kind in {"answer", "word"} and " " not in meant.key:
            return self._me(number, pressed=meant.key, words=label, meaning=meaning)
        return self._me(number, words=plain(deed.words), meaning=meaning)

    def _meant(self, player: Player, meant: Meaning) -> str:
        """What the words were taken for, as it reads in the language of the phone."""
        match meant.kind:
            case "answer":
                keys = meant.key.split()
                shown = player.shown[1]
                return (
                    " · ".join(self._label(player, key) for key in keys) if all(key in shown for key in keys) else self._of_world(meant.key)
                )
            case "word":
                return self._say(f"bot.{meant.key}")
            case "danger":
                flow = self.program.danger[meant.key].flow
                return self.play.title(flow, self.reader)
            case _:
                return meant.key

    def _of_world(self, key: str) -> str:
        """A country by its name; what else is no button stands as it was understood."""
        return self._say(f"countries.{key}") if len(key) == 2 and key.isupper() else key

    def _label(self, player: Player, key: str) -> str:
        """What stands on the button of this key."""
        button = next((button for button in player.buttons if button.key == key), None)
        if button is None:
            return self._say(f"bot.{key}") if key in GLOBAL else key
        return render(self.program.texts, Send("", (), (button,)), self.now).buttons[0][1]

    # ── what came of it ──
    def after(self, player: Player, number: int) -> Iterator[Bubble]:
        """Messages, and what happened beside them, in order."""
        if player.session is not None:
            self.now = player.session.language
        for effect in player.effects:
            match effect:
                case Send():
                    yield self._message(effect, number, player)
                case Relay():
                    yield Bubble(
                        who="human",
                        deed=number,
                        language=self.now,
                        id="staff",
                        words=plain(effect.text),
                        locked=self._locked(effect.text),
                        measure=_measure(effect.text),
                    )
                case Erase():
                    id_ = _ON_THE_WEB.get(effect.farewell.id, effect.farewell.id)
                    yield self._message(Send(effect.farewell.id, (Text(id_),)), number, player)
                    yield self._note(number, Note("erased"))
                case _:
                    note = self._beside(effect, player)
                    if note is not None:
                        yield self._note(number, note)

    def _beside(self, effect: Effect, player: Player) -> Note | None:
        match effect:
            case OpenCase() | PassCase() | MarkCase() | AddToCase() | RaiseUrgency():
                return self._of_case(effect)
            case Remind():
                return Note("reminder", effect.name, (f"{local(effect.at, player.country, self.program.service):%Y-%m-%d %H:%M}",))
            case Alert():
                return Note("alert", effect.reason, (effect.about,))
            case RemoveMessage():
                return Note("removed")
            case _:
                return None

    def _of_case(self, effect: OpenCase | PassCase | MarkCase | AddToCase | RaiseUrgency) -> Note:
        texts = self.program.texts
        match effect:
            case OpenCase():
                fields = tuple(f"{texts.render(label, self.now)}\t{spoken(texts, value, self.now)}" for label, value in effect.fields)
                kind = "case" if effect.new else "case-moved" if effect.moved else "case-more"
                return Note(kind, self._team(effect.team), (effect.urgency, *map(without_direction, fields)))
            case PassCase():
                return Note("passed", self._team(effect.team))
            case MarkCase():
                return Note(effect.state)
            case AddToCase():
                return Note("joined")
            case RaiseUrgency():
                return Note("urgency", effect.urgency)
            case _:
                assert_never(effect)

    def _team(self, team: str) -> str:
        return self._say(f"teams.{team}:name")

    # ── messages ──
    def _message(self, send: Send, number: int, player: Player) -> Bubble:
        flow, _, rest = send.id.partition(".")
        step = rest.partition(".")[0].partition(":")[0]
        if step == STOPPED and flow in self.play.broken:
            return self._note(number, Note("stopped", flow, (self.play.title(flow, self.reader),)))
        rendered = render(self.program.texts, send, self.now)
        there = flow in self.program.flows
        first = opening(" ".join(without_direction(rendered.text).split()), self.play.limits.preview)
        return Bubble(
            who="bot",
            deed=number,
            language=self.now,
            id=send.id,
            flow=flow if there else "",
            step=step if there else "",
            word=self._word(flow, step),
            sensitive=send.sensitive,
            parts=tuple(self._part(text) for text in send.parts),
            choices=tuple(self._choices(send, player)),
            cards=rendered.cards,
            measure=_measure(rendered.text),
            locked=first,
            unkind=tuple(found_phrases(first, self.play.limits.not_first)) if send.sensitive else (),
            listen=send.listen,
        )

    def _word(self, flow: str, step: str) -> str:
        there = self.program.flows.get(flow)
        index = there.at.get(step) if there is not None else None
        return "" if there is None or index is None else type(there.steps[index]).__name__.lower()

    def _part(self, text: Text) -> Part:
        said = render(self.program.texts, Send("", (text,)), self.now).text
        return self._written(text.id, said)

    def _written(self, id_: str, said: str) -> Part:
        row = self.play.row(id_)
        cell = row.cell(self.now) if row is not None else None
        if row is None or cell is None:
            return Part(id=id_, said=said)
        return Part(
            id=id_, said=said, raw=cell.text, source=row.source, state=cell.state, kind=row.kind, length=cell.length, most=cell.most,
            findings=cell.findings,
        )  # fmt: skip

    def _choices(self, send: Send, player: Player) -> Iterator[Choice]:
        rendered = render(self.program.texts, Send("", (), send.buttons), self.now).buttons
        picked = player.session.picked if player.session is not None else ()
        turn = player.session.turn if player.session is not None else 0
        digit = 0
        for button, (key, label, glob) in zip(send.buttons, rendered, strict=True):
            digit += not glob
            data = f"*.{key}" if glob else f"{'x' * LIFE}.{turn}.{key}"
            yield Choice(
                key=key, digit=0 if glob else digit, label=self._written(button.label.id, label), data=len(data.encode()), glob=glob,
                chosen=key in picked,
            )  # fmt: skip

    def _locked(self, text: str) -> str:
        return opening(" ".join(without_direction(text).split()), self.play.limits.preview)

    def _me(self, number: int, *, words: str = "", pressed: str = "", meaning: Meaning | None = None, note: Note | None = None) -> Bubble:
        return Bubble(who="me", deed=number, language=self.now, words=words, pressed=pressed, meaning=meaning, note=note)

    def _note(self, number: int, note: Note) -> Bubble:
        return Bubble(who="note", deed=number, language=self.now, note=note)

    def _say(self, id_: str) -> str:
        return self.program.texts.say(id_, self.now)


def _of_time(deed: Deed, number: int) -> Note | None:
    match deed.do:
        case "silent":
            return Note("silence", n=deed.minutes)
        case "clock":
            return Note("clock", deed.words)
        case "starts" if number:
            return Note("starts")
        case _:
            return None


def pressable(bubbles: Sequence[Bubble], player: Player) -> tuple[tuple[Bubble, ...], int]:
    """The bubbles, with what is picked on the last question, and the number of the one whose buttons can be pressed (-1: none).

    As on the page itself: the last question, until the machine has spoken after an answer; nothing while a person answers.
    """
    session = player.session
    if session is None or session.who == "human" or not (session.frames or session.question):
        return tuple(bubbles), -1
    spoken_since = False
    for place in range(len(bubbles) - 1, -1, -1):
        bubble = bubbles[place]
        if bubble.who == "me" and bubble.pressed and spoken_since:
            break
        if bubble.who == "bot" and bubble.choices:
            chosen = tuple(structs.replace(choice, chosen=choice.key in session.picked) for choice in bubble.choices)
            return (*bubbles[:place], structs.replace(bubble, choices=chosen), *bubbles[place + 1 :]), place
        spoken_since = spoken_since or bubble.who == "bot"
    return tuple(bubbles), -1


def _measure(text: str) -> Measure:
    return Measure(characters=len(without_direction(text)), units=units(text), size=len(text.encode()), telegram=len(split(text)))
