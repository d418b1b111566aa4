"""The bench: work is done elsewhere, and whatever becomes of it, who asked is told and the next has a turn."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from bot.bootstrap.bench import ProcessBench
from bot.bootstrap.bench_wire import KEPT, NoValue, Received, Sent, answer, plain_values
from bot.checks.check import check
from bot.flow.bundle import Bundle
from bot.studio.bundle.compiled import findings
from bot.studio.bundle.trials import tried
from bot.studio.drafts.parts import NotAllowed, Outdated, TooMuch
from bot.studio.drafts.tally import facts_of
from bot.studio.editing import making
from bot.studio.editing.bringing import Back, brought_onto, taken_back
from bot.studio.editing.edits import SetText
from bot.studio.mending.review import reviewed, standing
from tests.checks.bundles import ON, changed, clean
from tests.studio import chores

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def bench() -> AsyncIterator[ProcessBench]:
    bench = ProcessBench(seconds=20)
    yield bench
    await bench.close()


def alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text("utf-8").split(") ")[1][0] != "Z"
    return False


async def ended(pid: int) -> bool:
    for _ in range(200):
        if not alive(pid):
            return True
        await asyncio.sleep(0.02)
    return False


async def test_work_is_done_in_another_process_that_knows_no_secret(bench: ProcessBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "1:secret")
    monkeypatch.setenv("AMANA_KEYS", "/somewhere")

    assert bench.pid is None
    assert await bench(chores.add, 1, two=2) == 3
    pid, names = await bench(chores.who)
    assert pid == bench.pid != os.getpid()
    assert set(names) <= {"LANG", "LC_CTYPE", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    assert await bench(chores.niceness) >= 10


async def test_what_the_work_raises_is_raised_here(bench: ProcessBench) -> None:
    with pytest.raises(NotAllowed) as refused:
        await bench(chores.refuse, "own")
    assert refused.value.reason == "own"
    with pytest.raises(ZeroDivisionError):
        await bench(divmod, 1, 0)


async def test_findings_and_trials_come_back_as_they_are(bench: ProcessBench) -> None:
    wrong = changed("try.yaml", "text: Hello.", "text: Hello!")

    assert await bench(findings, wrong, ON) == check(wrong, ON)
    assert await bench(findings, clean(), ON) == check(clean(), ON)
    assert await bench(tried, clean()) == tried(clean())


async def test_bundles_arrive_whole_however_many_and_in_whatever_order(bench: ProcessBench) -> None:
    bundles = [clean(**{f"flow{number}": "x" * number}) for number in range(KEPT + 4)]
    for bundle in (*bundles, *reversed(bundles), bundles[3].without_file("flows/bot.yaml"), bundles[3], Bundle({})):
        assert await bench(chores.size, bundle) == chores.size(bundle)
    assert await bench(chores.both, bundles[0], bundles[9]) == (bundles[0].revision, bundles[9].revision)


async def test_work_that_takes_too_long_ends_and_the_next_is_done() -> None:
    bench = ProcessBench(seconds=3)
    await bench(chores.add, 1, 1)
    pid = bench.pid
    assert pid is not None
    with pytest.raises(TooMuch):
        await bench(chores.sleep, 60)
    assert await ended(pid)
    assert await bench(chores.add, 1, 1) == 2
    await bench.close()


async def test_work_that_eats_too_much_or_falls_hurts_nobody_else(bench: ProcessBench) -> None:
    for chore, args in ((chores.eat, (4000,)), (chores.fall, ()), (chores.crash, ())):
        hurt = asyncio.create_task(bench(chore, *args))
        after = asyncio.create_task(bench(chores.add, 2, 2))
        with pytest.raises(TooMuch):
            await hurt
        assert await after == 4


async def test_a_process_that_holds_much_leaves_when_its_work_is_done() -> None:
    bench = ProcessBench(megabytes=600)
    first = await bench(chores.who)
    assert await bench(chores.keep, 350) == 350
    assert (await bench(chores.who))[0] != first[0]
    await bench.close()


async def test_nothing_can_be_written_from_there(bench: ProcessBench, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="File too large"):
        await bench(chores.write, str(tmp_path / "x"))


async def test_only_values_come_back(bench: ProcessBench) -> None:
    with pytest.raises(TypeError, match="no plain value"):
        await bench(chores.own)
    assert await bench(chores.add, 1, 1) == 2
    for data in (answer(os.getcwd), answer(subprocess.Popen), b"", b"cos\nsystem\n(S'true'\ntR."):
        with pytest.raises(NoValue):
            plain_values(data)
    value = (date(2026, 1, 1), {1}, {"a": [1.0]})
    assert plain_values(answer(value, leaves=True)) == (False, value, True)


async def test_work_is_done_in_the_order_in_which_it_came_and_of_a_lane_only_the_latest(bench: ProcessBench) -> None:
    await bench(chores.add, 1, 1)
    order: list[str] = []

    async def done(work: "asyncio.Future[str]") -> None:
        with suppress(Outdated):
            order.append(await work)

    lane = bench.latest("a draft")
    works = [
        asyncio.ensure_future(bench(chores.sleep, 0.3, "first")),
        asyncio.ensure_future(lane(chores.sleep, 0.0, "typed 1")),
        asyncio.ensure_future(bench(chores.sleep, 0.0, "another")),
        asyncio.ensure_future(lane(chores.sleep, 0.0, "typed 2")),
        asyncio.ensure_future(lane(chores.sleep, 0.0, "typed 3")),
    ]
    await asyncio.gather(*(done(work) for work in works))

    assert order == ["first", "another", "typed 3"]
    assert isinstance(works[1].exception(), Outdated)


async def test_who_goes_away_while_waiting_costs_nothing(bench: ProcessBench) -> None:
    await bench(chores.add, 1, 1)
    first = asyncio.create_task(bench(chores.sleep, 0.2, "first"))
    gone = [asyncio.create_task(bench(chores.sleep, 5.0)) for _ in range(10)]
    await asyncio.sleep(0.05)
    for task in gone:
        task.cancel()
    assert await first == "first"
    assert await asyncio.wait_for(bench(chores.add, 1, 1), 3) == 2


async def test_it_ends_when_idle_and_begins_again() -> None:
    bench = ProcessBench(idle=0.1)
    pid, _ = await bench(chores.who)
    assert await ended(pid)
    assert (await bench(chores.who))[0] != pid
    await bench.close()


async def test_ending_it_waits_for_no_work(bench: ProcessBench) -> None:
    pid, _ = await bench(chores.who)
    under_way = asyncio.create_task(bench(chores.sleep, 60))
    waiting = asyncio.create_task(bench(chores.add, 1, 1))
    await asyncio.sleep(0.1)
    await asyncio.wait_for(bench.close(), 2)
    for task in (under_way, waiting):
        with pytest.raises(TooMuch):
            await task
    assert await ended(pid)
    with pytest.raises(TooMuch):
        await bench(chores.add, 1, 1)


PARENT = """
import asyncio
from bot.bootstrap.bench import ProcessBench
from tests.studio import chores

async def main():
    bench = ProcessBench()
    print((await bench(chores.who))[0], flush=True)
    await bench(chores.sleep, 600)

asyncio.run(main())
"""


async def test_it_does_not_outlive_a_service_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(await asyncio.to_thread(parent.stdout.readline))
        assert alive(pid)
        parent.send_signal(signal.SIGKILL)
    assert await ended(pid)


async def test_it_does_not_outlive_it_even_in_work_that_gives_no_turn() -> None:
    held = PARENT.replace("ProcessBench()", "ProcessBench(seconds=4)").replace("chores.sleep, 600", "chores.hold")
    with subprocess.Popen([sys.executable, "-c", held], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(await asyncio.to_thread(parent.stdout.readline))
        await asyncio.sleep(0.3)
        parent.send_signal(signal.SIGKILL)
    assert await ended(pid) or await ended(pid)


def test_only_what_a_room_made_itself_is_made_of_an_answer() -> None:
    for name in ("Path", "PackedThing", "StoreLibrary"):
        with pytest.raises(NoValue):
            plain_values(b"\x80\x04" + f"cbot.studio.workshop\n{name}\n".encode() + b".")
    with pytest.raises(NoValue):
        plain_values(b"\x80\x04cbuiltins\nbytearray\n.")


def test_what_is_nearly_there_is_sent_as_what_differs() -> None:
    sent, received = Sent(), Received()
    whole = clean(more="x" * 100_000)
    first = sent.packed((whole,))
    second = sent.packed((whole.with_file("flows/try.yaml", "flow: try\n"),))
    third = sent.packed((whole,))

    assert len(first) > 100_000
    assert len(second) < 2_000
    assert len(third) < 200
    assert received.call(first) == (whole,)
    assert received.call(second)[0]["flows/try.yaml"] == "flow: try\n"
    assert received.call(third) == (whole,)


async def test_what_drafts_and_their_pages_ask_for_comes_back(bench: ProcessBench) -> None:
    base = clean()
    edit = SetText("try.hello", "en", "Good day.", "Hello.")
    done = await bench(making.made, base, (edit,))
    mine = done.upon(base)
    back = [Back("flows/try.yaml", base["flows/try.yaml"], mine["flows/try.yaml"])]

    assert done == making.made(base, (edit,))
    assert await bench(making.clashing, mine, ((edit, "changed"),)) == making.clashing(mine, ((edit, "changed"),))
    assert await bench(brought_onto, base, mine, base) == (mine, ())
    assert await bench(taken_back, mine, back) == (base, ())
    assert await bench(facts_of, base) == facts_of(base)
    assert await bench(standing, base, mine, ON) == standing(base, mine, ON)
    assert await bench(reviewed, base, mine, ON) == reviewed(base, mine, ON)
