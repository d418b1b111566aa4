"""What came now, taken over into tests that fail: line by line, by what they fail for, for one test or for all at once.

Rule 1: what is written is what was shown: if another would come of it meanwhile, it is shown again and nothing is written.
Rule 2: a line by which protection is lost is taken over only where somebody ticked it; a test with one that is not ticked is left as it is.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.flow.bundle import TESTS
from bot.studio.drafts.parts import NotAllowed
from bot.studio.editing.edits import WriteFile
from bot.studio.playing.takeover import Choice, Swap, Takeover, taken_over
from bot.web.studio.frame import Sight, drawn, sight_of
from bot.web.studio.publish import RUNS, sentences

MOST = 60
"""Tests on one page; the rest follows once these are taken over."""
AT_ONCE = 6
"""Tests of one turn on the bench."""
_CHOSEN = 20


class Test(NamedTuple):
    """One test of a group."""

    name: str
    swaps: tuple[Swap, ...]
    lost: int


class Group(NamedTuple):
    """Tests that fail for the same reason. `first`: the line that says it. `seen`: names what is shown."""

    first: Swap
    tests: tuple[Test, ...]
    choices: tuple[Choice, ...]
    seen: str


class Found(NamedTuple):
    """What can be taken over, and tests that somebody must mend by hand. `stops`: the flows have problems."""

    groups: tuple[Group, ...]
    by_hand: tuple[Takeover, ...]
    stops: bool
    more: int


async def show(request: Request) -> Response:
    """All that fails, by its reason; `?test=`: these tests; `?answer=question=[yes]`: what a new question gets."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    return await _page(sight, request.query_params)


async def _page(sight: Sight, asked: QueryParams | FormData, *, wrong: str = "") -> Response:
    paths = await _paths(sight, asked)
    found = await _found(sight, paths[:MOST], _chosen(asked), more=max(0, len(paths) - MOST))
    query = sight.request.query_params
    numbers = {name: int(query[name]) if query.get(name, "").isdecimal() and len(query[name]) < 5 else 0 for name in ("taken", "left")}
    return await drawn(
        sight, "studio/taking.html", status=422 if wrong else 200, tab="tests", found=found, say=sentences(sight), wrong=wrong,
        action=sight.parts.chance(16), name_of=_name, only=[*query.getlist("test"), *asked.getlist("only")],
        ticked=frozenset(map(str, asked.getlist("lose"))), **numbers,
    )  # fmt: skip


async def take(request: Request) -> Response:
    """Write what was shown."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    form = await request.form()
    paths = await _paths(sight, form)
    taken = [each for each in await _all(sight, paths, _chosen(form)) if each.state == "ready"]
    if not taken or _seen(taken) != form.get("seen"):
        return await _page(sight, form, wrong="other")
    ticked = {str(value) for value in form.getlist("lose")}
    good = [each for each in taken if all(f"{_name(each.path)}#{place}" in ticked for place in each.lost)]
    if not good:
        return await _page(sight, form, wrong="lost")
    edits = [WriteFile(each.path, each.text, each.base) for each in good]
    try:
        action = str(form.get("action", ""))[:64] or sight.parts.chance(16)
        done = await sight.studio.workshop.edit(sight.head.id, edits, by=sight.member.id, action=action)
    except NotAllowed:
        return RedirectResponse("/studio", 303)
    if done.clashes:
        return await _page(sight, form, wrong="other")
    left = len(taken) - len(good)
    query = urlencode([*(("test", str(name)) for name in form.getlist("only")), ("taken", len(good)), ("left", left)])
    return RedirectResponse(f"/studio/d/{sight.head.id}/take?{query}", 303)


# ── what is taken over ──
async def _paths(sight: Sight, asked: QueryParams | FormData) -> list[str]:
    """The tests that are asked for, else all that fail."""
    named = [f"{TESTS}{name}.chat" for name in asked.getlist("test")]
    if named:
        return [path for path in dict.fromkeys(named) if path in sight.bundle.test_paths()]
    tally = await RUNS.run(sight.studio.bench, sight.bundle)
    return list(dict.fromkeys(result.path for result in tally.failed))


def _chosen(asked: QueryParams | FormData) -> dict[str, str]:
    """Question → what is answered."""
    pairs = [str(value).partition("=") for value in asked.getlist("answer")[:_CHOSEN]]
    return {question: does for question, _, does in pairs if does}


async def _all(sight: Sight, paths: Sequence[str], chosen: Mapping[str, str]) -> list[Takeover]:
    base = await sight.studio.workshop.base(sight.head.id)
    found: list[Takeover] = []
    for begin in range(0, len(paths), AT_ONCE):
        found += await sight.studio.bench(taken_over, base, sight.bundle, tuple(paths[begin : begin + AT_ONCE]), dict(chosen))
    return found


async def _found(sight: Sight, paths: Sequence[str], chosen: Mapping[str, str], *, more: int) -> Found:
    found = await _all(sight, paths, chosen)
    ready: dict[str, list[Takeover]] = {}
    for each in found:
        if each.state == "ready":
            ready.setdefault(each.cause, []).append(each)
    groups = [_group(await _alike(sight, some, chosen)) for some in ready.values()]
    by_hand = tuple(each for each in found if each.state in ("differs", "unreadable"))
    return Found(tuple(groups), by_hand, any(each.state == "stops" for each in found), more)


async def _alike(sight: Sight, some: Sequence[Takeover], chosen: Mapping[str, str]) -> Sequence[Takeover]:
    """The tests of a group with one answer to each new question: the one that leaves most of them as written."""
    costs: dict[str, Counter[str]] = {}
    for choice in (choice for each in some for choice in each.choices):
        costs.setdefault(choice.question, Counter()).update({option.does: option.costs for option in choice.options})
    best = {question: min(rated, key=lambda does: rated[does]) for question, rated in costs.items()}
    want = {**best, **{question: does for question, does in chosen.items() if does in costs.get(question, ())}}
    if all(choice.chosen == want[choice.question] for each in some for choice in each.choices):
        return some
    return [each for each in await _all(sight, [each.path for each in some], want) if each.state == "ready"]


def _group(some: Sequence[Takeover]) -> Group:
    tests = tuple(Test(_name(each.path), each.swaps, len(each.lost)) for each in some)
    choices = {choice.question: choice for each in some for choice in each.choices}
    return Group(some[0].swaps[0], tests, tuple(choices.values()), _seen(some))


def _seen(some: Sequence[Takeover]) -> str:
    """Names what these tests become."""
    told = "\0".join(part for each in sorted(some, key=lambda each: each.path) for part in (each.path, each.base, each.text))
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def _name(path: str) -> str:
    return path.removeprefix(TESTS).removesuffix(".chat")


ROUTES = [
    Route("/studio/d/{draft}/take", show, methods=["GET"]),
    Route("/studio/d/{draft}/take", take, methods=["POST"]),
]
