"""The written conversations leave no step of any flow untried."""

from bot.checks import chat, player
from bot.engine import run
from bot.engine.plan import plan_of
from bot.engine.step import long_step
from tests.engine.real import real_files, real_program

CHATS = {path: text for path, text in real_files().items() if path.endswith(".chat")}


def test_every_step_of_every_flow_is_reached_by_a_conversation(monkeypatch):
    reached = set()

    def seen(work):
        def working(turn, spot, step):
            reached.add(step.id)
            work(turn, spot, step)

        return working

    monkeypatch.setattr(run, "_RUN", {kind: seen(work) for kind, work in run._RUN.items()})
    # the short way runs no step that the long one would not
    monkeypatch.setattr(player, "step", lambda program, session, event, away: long_step(plan_of(program), session, event, away))
    program = real_program()
    for path, text in CHATS.items():
        chat.run_chat(program, path, text, chat.chat_languages(program, text)[0])

    missed = [step.id for flow in program.flows.values() for step in flow.steps if step.id not in reached]
    assert missed == []


def test_there_are_many_conversations_and_every_scenario_has_one():
    scenarios = [f"s{n:02}" for n in (*range(1, 12), 13, 14, 15, 17)]
    names = [path.rpartition("/")[2] for path in CHATS]

    assert len(CHATS) >= 80
    assert [one for one in scenarios if not any(name.startswith(one) for name in names)] == []
