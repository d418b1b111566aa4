"""Measures the engine on the real flows: presses, presses with saving and loading, typed answers, and the size of a session."""

import gc
from pathlib import Path
from time import process_time

from bot.engine.events import Pressed, Said, Started
from bot.engine.plan import plan_of
from bot.engine.session import Session, decode, encode
from bot.engine.step import step
from bot.flow.bundle import Bundle
from bot.flow.compiler import compile_bundle
from bot.flow.program import Program

ROOT = Path(__file__).parents[2]
LIFE = "benchbenchbench1"
AT = 1_795_400_000.0
PRESSES = ["no", "yes", "no", "no", "no", "yes", "no", "no", "yes"]
GOALS = {"presses": 200_000, "presses, saved and loaded": 100_000, "typed answers": 25_000}


def real_program() -> Program:
    """The flows of the project, compiled."""
    files = {
        str(path.relative_to(ROOT)): path.read_text("utf-8")
        for folder in ("flows", "locales")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in {".yaml", ".po", ".chat"}
    }
    program = compile_bundle(Bundle(files)).program
    assert program is not None
    return program


def questioned(program: Program) -> Session:
    """Somebody who is asked the first question of the going-home flow."""
    session = Session(life=LIFE, revision=program.revision, language="fr", shared={"country": "DZ"}, spoken=True)
    for event in (Started(at=AT), Said(at=AT, text="1"), Said(at=AT, text="1"), Said(at=AT, text="1")):
        session = step(program, session, event).session or session
    return session


def typical(program: Program) -> list[tuple[Session, str, str]]:
    """(Session, key that is pressed, words that say the same) along the conversation about going home."""
    session, along = questioned(program), []
    path = [
        ("no", "non merci"),
        ("no", "لا"),
        ("skip", "je passe"),
        ("none", "rien"),
        ("more", "autres"),
        ("list", "la liste d avant"),
        ("ask", "3"),
        ("skip", "passer"),
        ("no", "nn"),
    ]
    for key, words in path:
        spot = session.frames[-1]
        assert key in plan_of(program).labels(plan_of(program).at[spot.flow, spot.step], "fr", "DZ").spelled, (spot, key)
        along.append((session, key, words))
        after = step(program, session, Pressed(at=AT + 5, life=LIFE, turn=session.turn, key=key)).session
        assert after is not None
        session = after
    along.append((session, "", ""))
    return along


def rate(work, count: int) -> float:
    """Steps a second of one core: the best of five rounds, in time of this process, so that neighbours do not count."""
    best = 0.0
    for _ in range(5):
        gc.collect()
        begin = process_time()
        done = work(count)
        best = max(best, done / (process_time() - begin))
    return best


def main() -> None:
    program = real_program()
    along = typical(program)
    last = along.pop()[0]
    # A question answered by a button, in the middle of the conversation: what most events are.
    pairs = [(session, Pressed(at=AT + 5, life=LIFE, turn=session.turn, key=key)) for session, key, _ in along]
    typed = [(session, Said(at=AT + 5, text=words)) for session, _, words in along]
    question = [pair for pair in pairs if pair[1].key == "no"][:2]

    def presses(count: int) -> int:
        for _ in range(count // len(question)):
            for session, event in question:
                step(program, session, event)
        return count // len(question) * len(question)

    def saved(count: int) -> int:
        stored = [(encode(session), event) for session, event in question]
        for _ in range(count // len(stored)):
            for data, event in stored:
                encode(step(program, decode(data), event).session)
        return count // len(stored) * len(stored)

    def all_presses(count: int) -> int:
        for _ in range(count // len(pairs)):
            for session, event in pairs:
                step(program, session, event)
        return count // len(pairs) * len(pairs)

    def words(count: int) -> int:
        for _ in range(count // len(typed)):
            for session, event in typed:
                step(program, session, event)
        return count // len(typed) * len(typed)

    for name, work, count in (
        ("presses", presses, 60_000),
        ("presses, saved and loaded", saved, 40_000),
        ("typed answers", words, 9_000),
        ("presses, whole conversation", all_presses, 18_000),
    ):
        per_second = rate(work, count)
        goal = GOALS.get(name, 0)
        print(f"{name:<30}{per_second:>12,.0f} /s {1e6 / per_second:>8.2f} µs" + (f"   goal {goal:>9,} /s" if goal else ""))
    print(f"{'session after nine answers':<30}{len(encode(last)):>12,} bytes" + f"   undo {len(last.undo)}")


if __name__ == "__main__":
    main()
