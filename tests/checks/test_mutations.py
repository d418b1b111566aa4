"""However a file is torn, the checks answer; and what they call safe is safe when it runs."""

from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.checks.check import check
from bot.checks.consents import consent_problems
from bot.checks.graph import Graph
from bot.engine.effects import Alert, Send
from bot.engine.events import CaseClosed, Pressed, Started
from bot.engine.session import Session
from bot.engine.step import step
from bot.flow.bundle import Bundle
from bot.flow.compiler import compile_bundle
from bot.flow.problem import Problem
from bot.flow.program import Program
from tests.checks.bundles import CLEAN, ON, trying

FILES = sorted(CLEAN)
CLOSE = 2
"""In place of a button: a person closes the case."""


@st.composite
def torn(draw: st.DrawFn) -> Bundle:
    """The clean service with one or two lines of one file left out, doubled, exchanged or moved in."""
    path = draw(st.sampled_from(FILES))
    lines = CLEAN[path].splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 2))):
        if len(lines) < 2:
            break
        one, other = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(("out", "double", "exchange", "deeper"))):
            case "out":
                del lines[one]
            case "double":
                lines.insert(other, lines[one])
            case "exchange":
                lines[one], lines[other] = lines[other], lines[one]
            case _:
                lines[one] = f"  {lines[one]}"
    return Bundle({**CLEAN, path: "".join(lines)})


@given(torn())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_torn_file_is_met_with_problems_in_order_never_with_an_error(bundle: Bundle) -> None:
    found = check(bundle, ON)

    assert all(isinstance(problem, Problem) and problem.line >= 1 and problem.column >= 1 for problem in found)
    assert [problem.file for problem in found] == sorted(problem.file for problem in found)


# ── the proof of consent, against the engine ──
NAMES = ("a", "b", "c", "d", "e", "f")


@st.composite
def steps(draw: st.DrawFn) -> str:
    """A flow of consents, questions, handoffs and ways between them, right or wrong."""
    words = ["consent", *draw(st.lists(st.sampled_from(("consent", "ask", "handoff", "say")), min_size=2, max_size=4)), "handoff"]
    names = NAMES[: len(words)]
    consents = [name for name, word in zip(names, words, strict=True) if word == "consent"]
    target = st.sampled_from((*names, "end"))
    lines: list[str] = []
    for name, word in zip(names, words, strict=True):
        lines.append(
            draw(st.sampled_from(("", "", "", "  - if: known topic\n    go: {}\n", "  - forget: answers\n", "  - call: where\n"))).format(
                draw(target)
            )
        )
        condition = draw(st.sampled_from(("", "", "", "    if: known topic\n")))
        match word:
            case "consent":
                lines.append(
                    f"  - consent: {name}\n{condition}    to: desk\n    shows: [country]\n    text: One sees it.\n    no: {draw(target)}\n"
                )
            case "ask":
                once = draw(st.sampled_from(("", "    once: yes\n")))
                lines.append(
                    f"  - ask: {name}\n{condition}{once}    text: Which way?\n    choices: yes-no\n    go: {{yes: {draw(target)}, no: {draw(target)}}}\n"
                )
            case "handoff":
                after = draw(st.sampled_from((*names, "leave")))
                lines.append(f"  - handoff: {name}\n{condition}    with: {draw(st.sampled_from(consents))}\n    after: {after}\n")
            case _:
                lines.append(f"  - say: {name}\n{condition}    text: Hello.\n")
    return "".join(lines) + "  - end\n"


def unagreed(program: Program, choices: list[int]) -> Iterator[str]:
    """The handoffs that the engine refused for want of a yes while a person began the flow and pressed these buttons."""
    session: Session | None = Session(life="life", revision=program.revision, language="en", spoken=True)
    event: Started | Pressed | CaseClosed = Started(at=1_780_000_000.0, nonce="n" * 16)
    for number, choice in enumerate(choices):
        done = step(program, session, event)
        yield from (effect.about for effect in done.effects if isinstance(effect, Alert) and effect.reason == "handoff-without-consent")
        session = done.session
        if session is None:
            return
        keys = [button.key for effect in done.effects if isinstance(effect, Send) for button in effect.buttons if not button.glob]
        when = {"at": event.at + 1, "nonce": f"{number:016d}"}
        if choice == CLOSE and session.case is not None:
            event = CaseClosed(case=session.case.code, **when)
        elif keys:
            event = Pressed(life=session.life, turn=session.turn, key=keys[choice % len(keys)], **when)
        else:
            return


@given(steps(), st.lists(st.lists(st.integers(0, CLOSE), min_size=12, max_size=12), min_size=4, max_size=4))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_way_reaches_a_handoff_without_its_yes_unless_the_checks_doubted_it(flow: str, ways: list[list[int]]) -> None:
    bundle = trying(flow)
    compiled = compile_bundle(bundle.with_file("flows/bot.yaml", bundle["flows/bot.yaml"].replace("first: start", "first: try")))
    program = compiled.program
    assert program is not None
    found = {problem.line for problem in consent_problems(compiled.draft, Graph.of(compiled.draft)) if problem.file == "flows/try.yaml"}
    doubted = {each.id for each in program.flows["try"].steps if each.line in found}

    for way in ways:
        assert set(unagreed(program, way)) <= doubted
