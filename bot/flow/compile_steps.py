"""From the draft of a flow to the compiled flow: every name resolved, every condition a function.

Rule 1: a step that cannot be resolved is noted and left out; then there is no flow, but every other step was still looked at.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import assert_never

from bot.flow import model as m
from bot.flow import program as p
from bot.flow.answers import SKIPPED, Answer, Number
from bot.flow.compile_asks import Base, compile_ask
from bot.flow.conditions import Named, compile_condition, is_several, unfit_value
from bot.flow.draft import DraftFlow, DraftStep
from bot.flow.names import World
from bot.flow.prints import fingerprints
from bot.flow.problem import Problems, shown
from bot.flow.resolving import Resolver
from bot.flow.surely import surely_answered
from bot.flow.tree import place_at

_DAY = 24 * 60


def compile_flow(draft: DraftFlow, world: World, problems: Problems, texts: Mapping[str, str]) -> p.Flow | None:
    """The compiled flow, or None when something of it is wrong. `texts`: source texts by id, for the fingerprints."""
    names = Resolver(draft, world, problems)
    before = len(problems.found)
    steps = [_step(names, step) for step in draft.steps]
    _only_from(names)
    whole = [step for step in steps if step is not None]
    flow = None
    if draft.head is not None and len(whole) == len(steps) and len(problems.found) == before:
        flow = _flow(names, draft.head, tuple(whole), texts)
    _orders(names, flow)
    return flow if len(problems.found) == before else None


def _flow(names: Resolver, head: m.FlowModel, steps: tuple[p.Step, ...], texts: Mapping[str, str]) -> p.Flow:
    own = {name: type_ for name, facts in names.world.own[names.flow].items() if (type_ := facts.settled()) is not None}
    shows = {name for step in steps if isinstance(step, p.Consent) for name in step.shows}
    return p.Flow(
        name=names.flow,
        sensitive=head.sensitive,
        only_from=head.only_from,
        steps=steps,
        at=MappingProxyType({step.key: step.index for step in steps}),
        own=MappingProxyType(own),
        shown=frozenset(shows & own.keys()),
        prints=MappingProxyType(fingerprints(steps, texts)),
    )


def _only_from(names: Resolver) -> None:
    head = names.draft.head
    for number, name in enumerate((head.only_from or ()) if head else ()):
        if name not in names.world.flows:
            names.unknown("no-such-place", place_at(names.draft.node, ("only-from", number)), "flow", name, names.world.flows)


def _orders(names: Resolver, flow: p.Flow | None) -> None:
    """Notes orders of answers that may be missing: by the paths if the flow is whole, else by whether they can be skipped."""
    facts = {**names.world.shared, **names.world.own[names.flow]}
    usual = frozenset(name for name, fact in facts.items() if not fact.skippable)
    sure = surely_answered(flow) if flow else {}
    for asked in names.conditions:
        always = sure.get(asked.index, frozenset()) if flow else usual
        for wrong in compile_condition(asked.text, names.world.scope(names.flow, always))[1]:
            if wrong.rule == "may-be-unknown":
                names.add(wrong, asked.place)


def _step(names: Resolver, draft: DraftStep) -> p.Step | None:
    base = Base(index=draft.index, key=draft.key, id=draft.id, when=None, line=draft.place.line)
    if draft.word == "end":
        return p.End(**base)
    if draft.word == "leave":
        return p.Leave(**base)
    if draft.model is None:
        return None
    unread = False
    if draft.model.if_ is not None:
        base["when"] = names.condition(draft, draft.model.if_, "if")
        unread = base["when"] is None
    step = _resolved(names, draft, draft.model, base)
    return None if unread else step


def _resolved(names: Resolver, draft: DraftStep, model: m.AnyStepModel, base: Base) -> p.Step | None:
    match model:
        case m.SayModel():
            names.sources(draft, model.source, "source")
            return p.Say(**base, listen=model.listen)
        case m.AskModel():
            return compile_ask(names, draft, model, base)
        case m.PagesModel():
            return _pages(names, draft, model, base)
        case m.ContactsModel():
            return _contacts(names, draft, model, base)
        case m.ConsentModel():
            return _consent(names, draft, model, base)
        case m.HandoffModel():
            return _handoff(names, draft, model, base)
        case m.DecideModel():
            return _decide(names, draft, model, base)
        case _:
            return _small(names, draft, model, base)


_Small = m.GoModel | m.CallModel | m.SetModel | m.ForgetModel | m.RemindModel


def _small(names: Resolver, draft: DraftStep, model: _Small, base: Base) -> p.Step | None:
    match model:
        case m.GoModel():
            to = names.target(model.go, draft.place)
            return None if to is None else p.Go(**base, to=to)
        case m.CallModel():
            flow = names.called(model.call, draft.place)
            return None if flow is None else p.Call(**base, flow=flow)
        case m.SetModel():
            return _set(names, draft, model, base)
        case m.ForgetModel():
            return p.Forget(**base, what=model.forget)
        case m.RemindModel():
            return _remind(names, draft, model, base)
        case _:
            assert_never(model)


def _pages(names: Resolver, draft: DraftStep, model: m.PagesModel, base: Base) -> p.Step:
    seen: set[str] = set()
    for number, page in enumerate(model.list):
        names.sources(draft, page.source, "list", number, "source")
        if page.page in seen:
            names.problems.add("name-twice", draft.at("list", number, "page"), f"{shown(page.page)} is already a page here")
        seen.add(page.page)
    return p.Pages(**base, pages=tuple(page.page for page in model.list), listen=model.listen)


def _contacts(names: Resolver, draft: DraftStep, model: m.ContactsModel, base: Base) -> p.Step:
    if model.need not in names.world.needs:
        names.unknown("no-such-need", draft.at("need"), "need", model.need, names.world.needs)
    served = names.world.bot.countries if names.world.bot else {}
    if model.country is not None and model.country not in served:
        names.unknown("no-such-value", draft.at("country"), "served country", model.country, served)
    none = None if model.none is None else f"{draft.id}:none"
    return p.Contacts(**base, need=model.need, country=model.country, max=model.max, none=none)


def _consent(names: Resolver, draft: DraftStep, model: m.ConsentModel, base: Base) -> p.Step | None:
    _recipient(names, draft, model.to)
    labels = tuple(_label(names, draft, number, name) for number, name in enumerate(model.shows))
    no = names.target(model.no, draft.at("no"))
    keep = model.keep or (names.world.bot.keep.case if names.world.bot else _DAY)
    if no is None:
        return None
    return p.Consent(**base, to=model.to, shows=model.shows, labels=labels, no=no, keep_days=max(1, keep // _DAY), listen=model.listen)


def _recipient(names: Resolver, draft: DraftStep, to: str) -> None:
    world = names.world
    if to == "me" or to in world.teams or world.contacts.get(to):
        return
    if to in world.contacts:
        sentence = f"the contact ‹{to}› does not accept referrals (‹accepts: referral› in directory.yaml)"
        names.problems.add("no-such-team", draft.at("to"), sentence)
        return
    names.unknown("no-such-team", draft.at("to"), "team", to, [*world.teams, *world.contacts, "me"])


def _label(names: Resolver, draft: DraftStep, number: int, name: str) -> str:
    facts = names.world.facts(names.flow, name)
    place = draft.at("shows", number)
    if facts is None or not (facts.asked or facts.set_to or facts.unread):
        names.unknown("no-such-answer", place, "answer", name, [*names.world.own[names.flow], *names.world.shared])
    elif facts.label is None and not facts.unread:
        names.problems.add("no-label", place, f"{shown(name)} is shown by ‹{draft.key}›, so its ask needs a ‹label›")
    return (facts.label if facts else None) or ""


def _handoff(names: Resolver, draft: DraftStep, model: m.HandoffModel, base: Base) -> p.Step | None:
    team = _team_of(names, draft, model)
    after = names.target(model.after, draft.at("after"))
    if team is None or after is None:
        return None
    return p.Handoff(**base, team=team, consent=model.with_, urgency=model.urgency, after=after)


def _team_of(names: Resolver, draft: DraftStep, model: m.HandoffModel) -> str | None:
    if (model.with_ is None) == (model.to is None):
        names.problems.add("handoff", draft.place, "a handoff has either ‹with: consent› or ‹to: team›, and not both")
        return None
    if model.with_ is None:
        return names.team(model.to or "", draft.at("to"))
    consent = _consent_named(names, draft, model.with_)
    if consent is None:
        return None
    if consent.to not in names.world.teams:
        if consent.to == "me" or consent.to in names.world.contacts:
            names.problems.add("handoff", draft.at("with"), f"the consent ‹{model.with_}› is not to a team, so nobody there can answer")
        return None
    return consent.to


def _consent_named(names: Resolver, draft: DraftStep, name: str) -> m.ConsentModel | None:
    step = names.draft.step(name)
    if step is not None and step.word == "consent":
        return step.model if isinstance(step.model, m.ConsentModel) else None
    consents = [step.key for step in names.draft.steps if step.word == "consent"]
    names.unknown("no-such-consent", draft.at("with"), "consent", name, consents)
    return None


def _decide(names: Resolver, draft: DraftStep, model: m.DecideModel, base: Base) -> p.Step | None:
    rows: list[p.Row | None] = []
    last = len(model.rows) - 1
    for number, row in enumerate(model.rows):
        if (row.if_ is None) != (number == last):
            sentence = "the last row has no ‹if›: it holds when no other does" if number == last else "only the last row has no ‹if›"
            names.problems.add("decide-else", draft.at("rows", number), sentence)
        rows.append(_row(names, draft, number, row))
    whole = tuple(row for row in rows if row is not None)
    return p.Decide(**base, rows=whole) if len(whole) == len(rows) else None


def _row(names: Resolver, draft: DraftStep, number: int, row: m.RowModel) -> p.Row | None:
    if not row.source:
        names.problems.add("no-source", draft.at("rows", number), "every row of a decision names its ‹source›")
    names.sources(draft, row.source, "rows", number, "source")
    when = None if row.if_ is None else names.condition(draft, row.if_, "rows", number, "if")
    target = names.target(row.go, draft.at("rows", number, "go"))
    if target is None or (row.if_ is not None and when is None):
        return None
    return p.Row(when, target, " ".join(row.source))


def _set(names: Resolver, draft: DraftStep, model: m.SetModel, base: Base) -> p.Step | None:
    facts = names.world.facts(names.flow, model.set)
    named = names.world.scope(names.flow).named(model.set)
    if facts is None or not isinstance(named, Named) or not (facts.asked or _is_read(names, model.set)):
        answers = [name for name, fact in {**names.world.shared, **names.world.own[names.flow]}.items() if fact.asked]
        names.unknown("no-such-answer", draft.place, "answer", model.set, answers)
        return None
    wrong = unfit_value(model.set, model.to, named)
    if wrong is not None:
        names.add(wrong, draft.at("to"))
        return None
    return p.Set(**base, answer=model.set, to=_stored(model.to, named))


def _is_read(names: Resolver, answer: str) -> bool:
    """Whether an answer that nobody asks for is shared, or read by a condition of this flow."""
    if answer in names.world.shared:
        return True
    word = re.compile(rf"(?<![\w.-]){re.escape(answer)}(?![\w.-])")
    models = [step.model for step in names.draft.steps if step.model is not None]
    conditions = [model.if_ for model in models] + [row.if_ for model in models if isinstance(model, m.DecideModel) for row in model.rows]
    return any(word.search(text) for text in conditions if text)


def _stored(value: str, named: Named) -> Answer:
    if value == SKIPPED:
        return value
    if isinstance(named.type, Number):
        return int(value)
    return (value,) if is_several(named.type) else value


def _remind(names: Resolver, draft: DraftStep, model: m.RemindModel, base: Base) -> p.Step | None:
    consent = _consent_named(names, draft, model.with_)
    if consent is not None and consent.to != "me":
        names.problems.add(
            "remind-without-consent", draft.at("with"), f"a reminder stands on a consent to ‹me›; ‹{model.with_}› is to another"
        )
    if names.draft.sensitive:
        names.problems.add("remind-without-consent", draft.place, "a sensitive flow sends no reminder: somebody else may see it come")
    return None if consent is None else p.Remind(**base, minutes=model.in_, consent=model.with_)
