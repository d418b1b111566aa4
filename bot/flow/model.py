"""What may stand in each file: the model of the language, and its JSON Schema for editors.

Rule 1: this is the only home of pydantic; what it finds wrong leaves as `Fault`, with the rule and the path.
Rule 2: every value comes as text; each key says here what it is read as.
Rule 3: the model knows one thing at a time (a step, a row); what names mean is the compiler's.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from bot.flow.faults import Fault, faults_of
from bot.flow.language import NAME, NAME_RE, WORDS
from bot.flow.problem import nearest, shown
from bot.flow.spans import date_of, days_of, minutes_of, period_of, periods_of
from bot.flow.tree import Plain


def _wrong(rule: str, sentence: str, suggestion: str = "") -> PydanticCustomError:
    return PydanticCustomError(rule, "{sentence}", {"sentence": sentence, "suggestion": suggestion})


def _read(reader: Callable[[str], Any], rule: str = "no-such-value") -> BeforeValidator:
    def validate(value: object) -> object:
        if not isinstance(value, str):
            raise _wrong("yaml", "one text stands here, no list and no mapping")
        try:
            return reader(value)
        except PydanticCustomError:
            raise
        except ValueError as error:
            raise _wrong(rule, f"{shown(value)}: {error}") from error

    return BeforeValidator(validate)


def _flag(text: str) -> bool:
    if text not in ("yes", "no"):
        raise _wrong("no-such-value", f"{shown(text)} is none of yes, no", nearest(text, ("yes", "no")))
    return text == "yes"


def _name(text: str) -> str:
    if NAME_RE.fullmatch(text) is None:
        raise _wrong("name", f"{shown(text)}: a name is made of a-z, 0-9 and -, begins with a letter, and has at most 40 letters")
    return text


def _matching(pattern: str, sentence: str) -> Callable[[str], str]:
    def reader(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError(sentence)
        return text

    return reader


def _sentence(text: str) -> str:
    if not text.strip():
        raise _wrong("no-text", "a text stands here")
    return text.strip("\n ")


def _number(low: int, high: int) -> Callable[[str], int]:
    def reader(text: str) -> int:
        if re.fullmatch(r"[0-9]{1,9}", text) is None or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high} stands here")
        return int(text)

    return reader


def _whole(text: str) -> int:
    if re.fullmatch(r"-?[0-9]{1,9}", text) is None:
        raise ValueError("a whole number stands here")
    return int(text)


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _day_bound(text: str) -> str:
    return text if text == "today" else date_of(text).isoformat()


_TEXT_SCHEMA: Final = {"type": "string"}
Name = Annotated[str, _read(_name), WithJsonSchema({"type": "string", "pattern": f"^{NAME}$"})]
Word = Annotated[str, _read(str), WithJsonSchema(_TEXT_SCHEMA)]
Sentence = Annotated[str, _read(_sentence), WithJsonSchema({"type": "string", "minLength": 1})]
Flag = Annotated[bool, _read(_flag), WithJsonSchema({"enum": ["yes", "no", True, False]})]
Yes = Annotated[Literal["yes"], WithJsonSchema({"enum": ["yes", True]})]
Language = Annotated[str, _read(_matching("[a-z]{2,3}", "a language is written as ar, fr, en"))]
Script = Annotated[str, _read(_matching("[a-z]{2,3}(-[a-z]{2,8})?", "a way of writing is written as ar, fr, ar-latn"))]
CountryCode = Annotated[str, _read(_matching("[A-Z]{2}", "a country is written with its two capital letters, as DZ"))]
Minutes = Annotated[int, _read(minutes_of), WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]* (minute|hour|day)s?$"})]
Period = Annotated[tuple[int, int], _read(period_of), WithJsonSchema(_TEXT_SCHEMA)]
Periods = Annotated[tuple[tuple[int, int], ...], _read(periods_of), WithJsonSchema(_TEXT_SCHEMA)]
Days = Annotated[frozenset[int], _read(days_of), WithJsonSchema(_TEXT_SCHEMA)]
Date = Annotated[date, _read(date_of), WithJsonSchema({"type": "string", "format": "date"})]
DayBound = Annotated[str, _read(_day_bound), WithJsonSchema(_TEXT_SCHEMA)]
Whole = Annotated[int, _read(_whole), WithJsonSchema({"type": "integer"})]
Several = Annotated[tuple[Word, ...], BeforeValidator(_as_list), WithJsonSchema({"type": ["string", "array"], "items": _TEXT_SCHEMA})]
Targets: TypeAlias = dict[Word, Word]


def _shape(value: object) -> str:
    return "§text" if isinstance(value, str) else "§more"


class Model(BaseModel):
    """What all models share: frozen, no other keys, keys written with dashes."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=lambda name: name.rstrip("_").replace("_", "-"), validate_by_alias=True
    )


class StepModel(Model):
    """What every step may carry: `if`, the condition without which it is passed over."""

    if_: Word | None = None


class SayModel(StepModel):
    """Sends the text and goes on."""

    say: Name
    text: Sentence
    listen: Flag = False
    source: Several = ()


class NumberModel(Model):
    """The bounds of a number, both allowed."""

    from_: Whole
    to: Whole


class DateModel(Model):
    """The bounds of a date: a day or `today`."""

    from_: DayBound | None = None
    to: DayBound | None = None


class FreeModel(Model):
    """How many characters are taken."""

    max: Annotated[int, _read(_number(1, 1000)), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 1000})]


ChoicesModel: TypeAlias = Annotated[Annotated[Name, Tag("§text")] | Annotated[dict[Name, Sentence], Tag("§more")], Discriminator(_shape)]


class AskModel(StepModel):
    """Asks, and waits for an answer of exactly one type."""

    ask: Name
    text: Sentence
    choices: ChoicesModel | None = None
    many: Flag = False
    number: NumberModel | None = None
    date: DateModel | None = None
    country: Literal["here", "any"] | None = None
    place: Yes | None = None
    hours: Yes | None = None
    language: Yes | None = None
    free: FreeModel | None = None
    label: Sentence | None = None
    skip: Flag = False
    once: Flag = False
    private: Flag = False
    heard: Flag = False
    otherwise: Word | None = None
    help: Sentence | None = None
    go: Targets = {}
    call: Targets = {}
    listen: Flag = False
    source: Several = ()


class PageModel(Model):
    """One page: its key and its text."""

    page: Name
    text: Sentence
    source: Several = ()


class PagesModel(StepModel):
    """Texts one at a time, with Next and Enough; a typed number jumps."""

    pages: Name
    list: Annotated[tuple[PageModel, ...], Field(min_length=1)]
    listen: Flag = False


class ContactsModel(StepModel):
    """Shows rows of the directory for a need, and goes on."""

    contacts: Name
    need: Word
    country: Word | None = None
    max: Annotated[int, _read(_number(1, 20)), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 20})] = 3
    none: Sentence | None = None


class ConsentModel(StepModel):
    """Asks for a yes to one recipient and exactly these answers; a yes goes on, a no goes to `no`."""

    consent: Name
    to: Word
    shows: tuple[Word, ...]
    text: Sentence
    no: Word
    keep: Minutes | None = None
    listen: Flag = False


class HandoffModel(StepModel):
    """Puts a case in a team's queue, and goes on."""

    handoff: Name
    with_: Word | None = None
    to: Word | None = None
    urgency: Literal["normal", "high", "now"] = "normal"
    after: Word = "leave"


class RowModel(Model):
    """One row of a decision; the last, and only the last, has no `if`."""

    if_: Word | None = None
    go: Word
    source: Several = ()


class DecideModel(StepModel):
    """Goes where the first row leads that holds."""

    decide: Name
    rows: Annotated[tuple[RowModel, ...], Field(min_length=1)]


class GoModel(StepModel):
    """Continues at a step, or in a flow that replaces this one."""

    go: Word


class CallModel(StepModel):
    """Runs a flow; at its end continues with the next step."""

    call: Word


class SetModel(StepModel):
    """Gives an answer a fixed value."""

    set: Word
    to: Word


class ForgetModel(StepModel):
    """Forgets this flow's own answers, reminders not yet sent, or everything."""

    forget: Literal["answers", "reminders", "everything"]


class RemindModel(StepModel):
    """One later message, only in safe hours, only on a consent to `me`."""

    remind: Name
    text: Sentence
    in_: Minutes
    with_: Word


AnyStepModel: TypeAlias = (
    SayModel
    | AskModel
    | PagesModel
    | ContactsModel
    | ConsentModel
    | HandoffModel
    | DecideModel
    | GoModel
    | CallModel
    | SetModel
    | ForgetModel
    | RemindModel
)
STEP_MODELS: Final[Mapping[str, type[AnyStepModel]]] = dict(
    zip(
        WORDS,
        (
            SayModel, AskModel, PagesModel, ContactsModel, ConsentModel, HandoffModel,
            DecideModel, GoModel, CallModel, SetModel, ForgetModel, RemindModel,
        ),
        strict=True,
    )
)  # fmt: skip
"""Word → the model of its step."""


class OpeningModel(Model):
    """Days and the hours of each of them."""

    days: Days
    open: Periods


ContactHoursModel: TypeAlias = Annotated[
    Annotated[Literal["always", "unknown"], Tag("§text")] | Annotated[tuple[OpeningModel, ...], Tag("§more")], Discriminator(_shape)
]


class FlowModel(Model):
    """A flow: its name, its title for staff, and its steps from the top."""

    flow: Name
    title: Sentence
    sensitive: Flag = False
    only_from: tuple[Word, ...] | None = None
    steps: Annotated[tuple[Any, ...], Field(min_length=1)]


class _FlowFile(FlowModel):
    steps: Annotated[tuple[AnyStepModel | Literal["end", "leave"], ...], Field(min_length=1, max_length=400)]


_Read = TypeVar("_Read", bound=Model)


def read_model(model: type[_Read], data: Plain) -> _Read | tuple[Fault, ...]:
    """The data as that model, or all that is wrong with it."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        return faults_of(error.errors(include_url=False), lambda path: keys_of(_model_at(model, path)))


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a flow, for editors; `flows/schema.json` holds it."""
    schema = _FlowFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "A flow"}


def schema_text() -> str:
    """The contents of `flows/schema.json`."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def keys_of(model: type[Model]) -> tuple[str, ...]:
    """The keys that may stand in it, as authors write them."""
    return tuple(str(field.alias or name) for name, field in model.model_fields.items())


def _model_at(model: type[Model], path: tuple[str | int, ...]) -> type[Model]:
    """The model that stands at the path: found by the alias of each key on the way."""
    at = model
    for part in path:
        for name, field in at.model_fields.items():
            if (field.alias or name) == part:
                at = next(iter(_models_in(field.annotation)), at)
    return at


def _models_in(annotation: object) -> list[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]
