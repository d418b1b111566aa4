"""What may stand in the files beside flows: bot, words, directory, teams, sources, replies.

Rule 1: as in `bot.flow.model`: text comes in, each key says what it is read as; names are the compiler's.
"""

from typing import Literal, TypeAlias

from bot.flow.model import (
    ContactHoursModel,
    CountryCode,
    Date,
    Flag,
    Language,
    Minutes,
    Model,
    Name,
    OpeningModel,
    Period,
    Script,
    Sentence,
    Several,
    Whole,
    Word,
)


class OnModel(Model):
    """The flow that each of three global words opens, and the one that asks some time after a case was closed."""

    menu: Word
    human: Word
    privacy: Word
    follow_up: Word | None = None

    def flows(self) -> tuple[tuple[str, str], ...]:
        """Give what stands here: its key, and the flow it opens."""
        found = (("menu", self.menu), ("human", self.human), ("privacy", self.privacy), ("follow-up", self.follow_up))
        return tuple((key, flow) for key, flow in found if flow is not None)


class CountryModel(Model):
    """A served country."""

    name: Sentence
    zone: Word
    places: dict[Name, Sentence] = {}


class SilenceModel(Model):
    """After how long the bot asks whether writing is safe, and after how long it forgets."""

    ask_still_safe: Minutes
    forget: Minutes


class KeepModel(Model):
    """How long a case, a route and ids of messages are kept."""

    case: Minutes
    route: Minutes
    messages: Minutes


class LimitsModel(Model):
    """The limits of wording."""

    sentences: Whole
    words: Whole
    choices: Whole
    preview: Whole
    say_in_a_row: Whole


class WordingModel(Model):
    """Words never said, and words not said first in a sensitive flow."""

    promise: tuple[Sentence, ...] = ()
    not_first: tuple[Sentence, ...] = ()


class FearModel(Model):
    """Which questions (`flow.step`) ask about fear of going back, where a yes or a doubt leads, and which flows stand behind them."""

    asks: tuple[Word, ...]
    leads: Word
    flows: tuple[Word, ...]


class BotModel(Model):
    """bot.yaml."""

    name: Sentence
    org: Sentence | None = None
    handle: Sentence | None = None
    source: Language
    languages: tuple[Language, ...]
    first: Word
    on: OnModel
    shared: tuple[Word, ...] = ()
    stage: Literal["trial", "live"]
    answers: dict[Name, dict[Name, Sentence]] = {}
    countries: dict[CountryCode, CountryModel]
    hours: dict[Name, Period]
    parts_of_day: dict[Name, Sentence] = {}
    silence: SilenceModel
    keep: KeepModel
    limits: LimitsModel
    wording: WordingModel = WordingModel()
    fear_first: FearModel | None = None
    texts: dict[Word, Sentence]


GlobalName: TypeAlias = Literal["stop", "erase", "help", "human", "menu", "back", "repeat", "language", "privacy"]
Spellings: TypeAlias = dict[Script, tuple[Sentence, ...]]


class DangerModel(Model):
    """A group of danger words: the flow it opens, whether everything is dropped first, and when a hit does not count."""

    flow: Word
    leave: Flag = False
    words: Spellings
    unless: Spellings = {}


class WordsModel(Model):
    """words.yaml."""

    filler: tuple[Sentence, ...] = ()
    global_: dict[GlobalName, Spellings]
    danger: dict[Name, DangerModel] = {}
    answers: dict[Name, Spellings] = {}


class SpanModel(Model):
    """From a day to a day, both included."""

    from_: Date
    to: Date


class CalendarModel(Model):
    """A country's weekend, Ramadan and holidays."""

    weekend: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()
    ramadan: tuple[SpanModel, ...] = ()
    holidays: tuple[Date, ...] = ()


class AlertModel(Model):
    """Whom to tell when nobody has claimed a case for so long."""

    after: Minutes
    to: Word


class TeamModel(Model):
    """One team."""

    name: Sentence
    languages: tuple[Language, ...]
    hours: dict[CountryCode, tuple[OpeningModel, ...]]
    ramadan: dict[CountryCode, tuple[OpeningModel, ...]] = {}
    first_answer: Minutes
    alert: tuple[AlertModel, ...] = ()
    same_person: Literal["reopen", "new"] = "reopen"


class TeamsModel(Model):
    """teams.yaml."""

    calendar: dict[CountryCode, CalendarModel] = {}
    teams: dict[Name, TeamModel]


class ContactModel(Model):
    """One row of the directory."""

    name: Sentence
    country: CountryCode
    needs: tuple[Word, ...]
    phone: Several
    whatsapp: Several = ()
    email: Several = ()
    address: Sentence | None = None
    places: tuple[Word, ...] = ()
    languages: tuple[Language, ...]
    hours: ContactHoursModel
    cost: Sentence
    who_answers: Sentence
    may_follow: Sentence
    source: Word
    source_date: Word
    expires: Date
    verified_by: Word | None = None
    verified_on: Date | None = None
    accepts: Several = ()


class DirectoryModel(Model):
    """directory.yaml."""

    needs: tuple[Name, ...]
    contacts: dict[Name, ContactModel]


class ReplyModel(Model):
    """A reply that stands ready for caseworkers. `teams`, `needs` (names of flows): where it is offered; nothing said = everywhere."""

    title: Sentence
    text: Sentence
    teams: tuple[Word, ...] = ()
    needs: tuple[Word, ...] = ()


class RepliesModel(Model):
    """replies.yaml."""

    replies: dict[Name, ReplyModel] = {}


class SourcesModel(Model):
    """sources.yaml."""

    sources: tuple[Word, ...]
