"""Small programs made by hand: a flow is a list of steps, texts say their own id."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bot.flow import program as p
from bot.flow.answers import AnswerType, Choice, Choices, CountryOf, Hours, Place
from bot.flow.directory import Contact, Directory
from bot.flow.service import Country, Keep, Limits, PartOfDay, Service, Silence
from bot.flow.teams import Calendar, Opening, Team, Teams
from bot.i18n.lexicon import compile_lexicon
from bot.i18n.texts import Texts

END, LEAVE = p.ToEnd(), p.ToLeave()
Make = Callable[[int, str, dict[str, int]], p.Step]
"""(index, flow, step names → index) → the step."""

_BOT = [
    "again",
    "offer-human",
    "still-safe",
    "we-were-here",
    "stopped",
    "erased",
    "erased-web",
    "nothing-before",
    "change-answer",
    "other-subject",
    "photo",
    "voice",
    "file",
    "location",
    "story",
    "passed-on",
    "waiting-nobody",
    "limit",
    "human-here",
    "machine-again",
    "passed-same",
    "correction",
    "no-contact",
    "help",
    "recalled",
    "which-language",
    "done",
    "next",
    "enough",
    "agree",
    "refuse",
    "skip",
    "yes",
    "no",
    "stop",
    "human",
    "menu",
    "back",
    "erase",
    "repeat",
    "language",
    "privacy",
    "contact-always",
    "contact-hours-unknown",
    "contact-free",
    "contact-unchecked",
]
_BOT_WITH_VALUES = {
    "bot.shows": "Only {to} would see this: {fields}. They keep it {keep}.",
    "bot.passed-team": "It goes on to {team}.",
    "bot.waiting-open": "Within {first-answer}.",
    "bot.waiting-closed": "Someone reads this {next}.",
    "bot.contact-open": "Open until {until}",
    "bot.contact-opens": "Opens {next}",
    "bot.contact-paid": "Cost: {cost}",
    "bot.contact-checked": "Checked on {date}",
    "bot.contact-languages": "Languages: {languages}",
    "bot.contact-who": "Who answers: {who}",
    "bot.contact-may-follow": "What may follow: {what}",
    "bot.yes": "Yes",
    "bot.no": "No",
    "bot.agree": "I agree",
    "bot.refuse": "I do not agree",
    "bot.human": "A person",
    "bot.menu": "Menu",
    "bot.skip": "Skip",
    "bot.done": "That is all",
}
GLOBAL = {
    "stop": {"en": ["stop"], "ar": ["توقف"]},
    "erase": {"en": ["erase"], "fr": ["effacer"]},
    "help": {"en": ["help"]},
    "human": {"en": ["human"], "fr": ["ya qqn"]},
    "menu": {"en": ["menu"]},
    "back": {"en": ["back"], "fr": ["retour"]},
    "repeat": {"en": ["repeat"]},
    "language": {"en": ["language"], "fr": ["langue"]},
    "privacy": {"en": ["privacy"]},
}
DANGER = {
    "life": {"flow": "life", "words": {"en": ["want to die"], "fr": ["je veux mourir"], "ar-latn": ["bghit nmout"]}},
    "watched": {"flow": "watched", "leave": True, "words": {"en": ["who are you"]}},
}
ANSWERS = {
    "yes": {"en": ["yes", "yep"], "fr": ["oui"]},
    "no": {"en": ["no", "not now"], "fr": ["non"]},
    "home": {"fr": ["retour", "rentrer"], "en": ["go home"]},
}


def choices(*keys: str, many: bool = False) -> Choices:
    return Choices(tuple(Choice(key, f"answers.{key}") for key in keys), many)


YES_NO = choices("yes", "no")


def _where(target: str | p.Target, at: Mapping[str, int]) -> p.Target:
    if not isinstance(target, str):
        return target
    return p.ToStep(at[target]) if target in at else p.ToFlow(target)


def say(name: str, when: p.Condition | None = None) -> tuple[str, Make]:
    return name, lambda i, f, at: p.Say(index=i, key=name, id=f"{f}.{name}", when=when)


def ask(
    name: str, kind: AnswerType = YES_NO, *, go: Mapping[str, Any] | None = None, otherwise: str | p.Target | None = None, **more: Any
) -> tuple[str, Make]:
    def make(i: int, f: str, at: dict[str, int]) -> p.Step:
        return p.Ask(
            index=i,
            key=name,
            id=f"{f}.{name}",
            type=kind,
            label=more.pop("label", f"{f}.{name}:label"),
            go={key: _where(to, at) for key, to in (go or {}).items()},
            call=more.pop("call", {}),
            otherwise=_where(otherwise, at) if otherwise is not None else None,
            **more,
        )

    return name, make


def pages(name: str, *keys: str) -> tuple[str, Make]:
    return name, lambda i, f, at: p.Pages(index=i, key=name, id=f"{f}.{name}", pages=keys)


def contacts(name: str, need: str, **more: Any) -> tuple[str, Make]:
    return name, lambda i, f, at: p.Contacts(index=i, key=name, id=f"{f}.{name}", need=need, **more)


def consent(name: str, to: str, *shows: str, no: str | p.Target = END) -> tuple[str, Make]:
    return name, lambda i, f, at: p.Consent(index=i, key=name, id=f"{f}.{name}", to=to, shows=shows, no=_where(no, at), keep_days=30)


def handoff(
    name: str, team: str, *, agreed: str | None = None, urgency: p.Urgency = "normal", after: str | p.Target = LEAVE
) -> tuple[str, Make]:
    return name, lambda i, f, at: p.Handoff(
        index=i, key=name, id=f"{f}.{name}", team=team, consent=agreed, urgency=urgency, after=_where(after, at)
    )


def go(to: str | p.Target) -> tuple[str, Make]:
    return "", lambda i, f, at: p.Go(index=i, key=f"#{i}", id=f"{f}.#{i}", to=_where(to, at))


def call(flow_name: str) -> tuple[str, Make]:
    return "", lambda i, f, at: p.Call(index=i, key=f"#{i}", id=f"{f}.#{i}", flow=flow_name)


def set_(answer: str, to: str) -> tuple[str, Make]:
    return "", lambda i, f, at: p.Set(index=i, key=f"#{i}", id=f"{f}.#{i}", answer=answer, to=to)


def forget(what: Any) -> tuple[str, Make]:
    return "", lambda i, f, at: p.Forget(index=i, key=f"#{i}", id=f"{f}.#{i}", what=what)


def remind(name: str, minutes: int, agreed: str) -> tuple[str, Make]:
    return name, lambda i, f, at: p.Remind(index=i, key=name, id=f"{f}.{name}", minutes=minutes, consent=agreed)


def decide(name: str, *rows: tuple[p.Condition | None, str | p.Target]) -> tuple[str, Make]:
    return name, lambda i, f, at: p.Decide(
        index=i, key=name, id=f"{f}.{name}", rows=tuple(p.Row(when, _where(to, at), "S") for when, to in rows)
    )


def end() -> tuple[str, Make]:
    return "", lambda i, f, at: p.End(index=i, key=f"#{i}", id=f"{f}.#{i}")


def leave() -> tuple[str, Make]:
    return "", lambda i, f, at: p.Leave(index=i, key=f"#{i}", id=f"{f}.#{i}")


def is_(name: str, *values: str) -> p.Condition:
    return lambda own, shared, builtin: (
        own.get(name, shared.get(name, builtin(name) if name in {"heard", "now", "language"} or name.startswith("team.") else None))
        in values
    )


def flow(name: str, *steps: tuple[str, Make], sensitive: bool = False, shared: Mapping[str, AnswerType] | None = None) -> p.Flow:
    at = {step_name or f"#{i}": i for i, (step_name, _) in enumerate(steps)}
    made = tuple(make(i, name, at) for i, (_, make) in enumerate(steps))
    own = {step.key: step.type for step in made if isinstance(step, p.Ask) and step.key not in (shared or SHARED)}
    shown = frozenset(each for step in made if isinstance(step, p.Consent) for each in step.shows)
    return p.Flow(name, sensitive, None, made, at, own, shown, {})


SHARED: Mapping[str, AnswerType] = {"country": CountryOf(here=True), "place": Place(), "safe-hours": Hours()}
ROW = Contact(
    id="line-dz",
    country="DZ",
    needs=frozenset({"legal"}),
    phone=("14",),
    whatsapp=(),
    email=(),
    address=None,
    places=frozenset(),
    languages=("ar", "fr"),
    hours="always",
    free=True,
    source="S",
    expires=date(2027, 3, 31),
    verified_on=date(2026, 11, 1),
    accepts_referral=False,
)
_WEEK = (Opening(frozenset({6, 0, 1, 2, 3}), ((510, 750), (810, 1020))),)
TEAMS = Teams(
    teams={
        name: Team(
            id=name,
            languages=("ar",),
            hours={"DZ": _WEEK, "MA": (Opening(frozenset({0, 1, 2, 3, 4}), ((540, 1050),)),)},
            ramadan={"DZ": (Opening(frozenset({6, 0, 1, 2, 3}), ((540, 900),)),)},
            first_answer=30,
            alert=(),
            same_person="reopen",
        )
        for name in ("protection", "return-desk")
    },
    calendars={
        "DZ": Calendar(frozenset({4, 5}), ((date(2027, 2, 8), date(2027, 3, 9)),), frozenset({date(2027, 1, 1)})),
        "MA": Calendar(frozenset({5, 6}), (), frozenset({date(2026, 11, 18)})),
    },
)
SERVICE = Service(
    name="Amana",
    org="a team",
    handle="@amana",
    source="en",
    languages=("ar", "fr", "en"),
    first="start",
    on_menu="menu",
    on_human="person",
    on_privacy="privacy",
    stage="live",
    sets={},
    countries={"DZ": Country("DZ", "Africa/Algiers", ("oran", "annaba")), "MA": Country("MA", "Africa/Casablanca", ("rabat",))},
    hours=(PartOfDay("morning", 360, 720), PartOfDay("evening", 1080, 1320), PartOfDay("night", 1320, 360)),
    silence=Silence(30, 1440),
    keep=Keep(43200, 10080, 2880),
    limits=Limits(3, 12, 5, 60, 3),
)
USUAL = (
    flow("start", ask("safe", YES_NO), say("who"), go("menu")),
    flow("menu", ask("topic", choices("home", "worry", "rest"), heard=True, go={"rest": END}), go("topic")),
    flow("person", ask("about"), end()),
    flow("privacy", ask("what", choices("gone", "enough"), go={"enough": END}), forget("everything")),
    flow("life", ask("near", YES_NO, otherwise="near"), end(), sensitive=True),
    flow("watched", ask("ok", YES_NO), end(), sensitive=True),
)


def _sources(flows: Sequence[p.Flow], directory: Directory, more: Mapping[str, str]) -> dict[str, str]:
    sources = {f"bot.{key}": f"bot.{key}" for key in _BOT} | _BOT_WITH_VALUES
    for made in flows:
        for step in made.steps:
            sources[step.id] = step.id
            if isinstance(step, p.Pages):
                sources |= {f"{step.id}.{key}": key for key in step.pages}
            if isinstance(step, p.Ask):
                sources[f"{step.id}:label"] = f"label of {step.key}"
                sources |= {choice.label: choice.key for choice in step.type.choices} if isinstance(step.type, Choices) else {}
                sources |= {step.help: step.help} if step.help else {}
            if isinstance(step, p.Contacts) and step.none:
                sources[step.none] = step.none
    for row in directory.contacts:
        sources |= {f"directory.{row}:{part}": f"{part} of {row}" for part in ("name", "cost", "who-answers", "may-follow")}
    for code, country in SERVICE.countries.items():
        sources |= {f"countries.{code}": {"DZ": "Algeria", "MA": "Morocco"}[code]} | {
            f"countries.{code}.{place}": place for place in country.places
        }
    sources |= {f"hours.{part.key}": part.key for part in SERVICE.hours} | {f"teams.{team}:name": f"team {team}" for team in TEAMS.teams}
    return sources | more


def program(
    *flows: p.Flow,
    texts: Mapping[str, str] | None = None,
    rows: Sequence[Contact] = (ROW,),
    revision: str = "r1",
    shared: Mapping[str, AnswerType] | None = None,
    **service: Any,
) -> p.Program:
    """A program of these flows; the usual ones are there too, unless one of the same name is given."""
    named = {made.name: made for made in (*USUAL, *flows)}
    directory = Directory(("legal",), {row.id: row for row in rows})
    return p.Program(
        revision=revision,
        service=replace(SERVICE, **service),
        flows=named,
        shared=dict(shared or SHARED),
        teams=TEAMS,
        directory=directory,
        lexicon=compile_lexicon({"en": ["please"], "fr": ["svp"]}, GLOBAL, DANGER, ANSWERS),
        danger={name: p.DangerGroup(name, str(group["flow"]), bool(group.get("leave"))) for name, group in DANGER.items()},
        texts=Texts.of(_sources(tuple(named.values()), directory, texts or {}), {"fr": {"bot.yes": "Oui", "bot.no": "Non"}}, "en"),
    )
