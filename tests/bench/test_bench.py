"""The measuring itself: what is measured plays the whole conversation, and what is counted is what happened."""

import asyncio
import importlib
import json
import re
from contextlib import suppress
from pathlib import Path

import pytest

from bot import config
from bot.engine.effects import Send
from bot.engine.events import AnyEvent, Pressed, Said, Started
from bot.engine.render import render
from bot.engine.step import step
from bot.flow.compiler import compile_bundle
from bot.flow.program import Program
from bot.ports import Person
from bot.storage.redis.cells import Cell, base_of, cell_bytes, shard_of
from tests.bench import against, crowd, install
from tests.bench.all import PARTS
from tests.bench.contestant import environment
from tests.bench.eligible import bundle, read_workload
from tests.bench.fakeapi import parameters_of, serve
from tests.bench.load import Load
from tests.bench.process import Redis, Service, free_port
from tests.bench.workload import HERE as WORKLOAD
from tests.bench.workload import STEPS, Traveller
from tests.redis_rig import Server

BENCH = Path(__file__).parent
GIVEN = {
    "PORT": "9001",
    "API_BASE": "http://127.0.0.1:9002",
    "REDIS_URL": "redis://127.0.0.1:9003/0",
    "BOT_TOKEN": "1:T",
    "WEBHOOK_SECRET": "s",
}


@pytest.fixture(scope="module")
def program() -> Program:
    made = compile_bundle(bundle(read_workload(WORKLOAD)))
    assert made.program is not None, made.problems
    return made.program


@pytest.mark.parametrize("chat", [4, 7, 9, 300, 1021])
def test_our_flows_answer_each_step_with_exactly_the_message_that_is_expected(program: Program, chat: int) -> None:
    who, session, buttons = Traveller(chat), None, ()
    for number, act in enumerate(who.acts):
        event: AnyEvent
        if act == "/start":
            event = Started(at=1e9, nonce="life0001", language=None)
        elif isinstance(act, str):
            event = Said(at=1e9 + number, nonce="n", text=act)
        else:
            assert session is not None
            event = Pressed(at=1e9 + number, nonce="n", life=session.life, turn=session.turn, key=buttons[act][0])
        session, effects = (done := step(program, session, event)).session, done.effects
        (said,) = (effect for effect in effects if isinstance(effect, Send))
        assert session is not None
        shown = render(program.texts, said, session.language)
        assert who.is_answered(number, shown.text), (number, shown.text)
        buttons = shown.buttons
    assert number == STEPS - 1
    assert who.name not in str(session)


def test_a_reply_with_another_text_is_no_answer() -> None:
    who = Traveller(8)

    assert not who.is_answered(0, "Hello.")
    assert not who.is_answered(8, f"{who.name} {who.count} {who.months}")


def test_the_entry_for_an_outside_driver_starts_the_contestant() -> None:
    entry = json.loads((BENCH / "contestant.json").read_text())["amana"]

    assert entry["cmd"] == ["{PROJECT}/.venv/bin/python", "-m", "tests.bench.contestant"]
    assert entry["cwd"] == "{PROJECT}"
    assert (entry["press"], entry["verify"]) == ("place", "steps")


@pytest.mark.parametrize(("more", "store"), [({}, "redis://127.0.0.1:9003/0"), ({"BENCH_STORE": "file"}, "sqlite:////keep/data/amana.db")])
def test_what_a_driver_says_becomes_settings_that_amana_reads(more: dict[str, str], store: str) -> None:
    settings = config.read(environment({**GIVEN, **more}, Path("/keep")))

    assert (settings.store, settings.telegram_webhook_path, settings.listen) == (store, "/webhook", "127.0.0.1:9001")
    assert settings.telegram_webhook_secret is not None


def test_rivals_are_pinned_and_nothing_in_the_tree_names_where_they_come_from() -> None:
    wanted = (BENCH / "rivals" / "requirements.txt").read_text().splitlines()
    node = json.loads((BENCH / "rivals" / "package.json").read_text())["dependencies"]

    assert all(re.fullmatch(r"[A-Za-z0-9\[\]_-]+==[0-9.]+", line) for line in wanted)
    assert all(re.fullmatch(r"[0-9.]+", version) for version in node.values())
    assert not list(BENCH.rglob("package-lock.json"))


FORMS = {
    "json": (b"application/json", b'{"chat_id":7,"text":"a b","reply_markup":{"inline_keyboard":[]}}'),
    "form": (b"application/x-www-form-urlencoded", b"chat_id=7&text=a+b&reply_markup=%7B%22inline_keyboard%22%3A%5B%5D%7D"),
    "parts": (
        b"multipart/form-data; boundary=xyz",
        (
            b'--xyz\r\nContent-Disposition: form-data; name="chat_id"\r\n\r\n7\r\n--xyz\r\nContent-Disposition: form-data; name="text"\r\n\r\na b\r\n'
            b'--xyz\r\nContent-Disposition: form-data; name="reply_markup"\r\n\r\n{"inline_keyboard":[]}\r\n--xyz--\r\n'
        ),
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_double_reads_whatever_a_library_sends(form: str) -> None:
    kind, body = FORMS[form]
    read = parameters_of(body, kind)

    assert (int(read["chat_id"]), read["text"], read["reply_markup"]) == (7, "a b", {"inline_keyboard": []})


async def test_the_double_answers_requests_in_chunks_and_one_after_the_other() -> None:
    heard: list[tuple[int, str]] = []
    double, port = await serve(lambda chat, parameters, _number: heard.append((chat, parameters["text"])))
    come, out = await asyncio.open_connection("127.0.0.1", port)
    body = b'{"chat_id":5,"text":"x"}'
    head = b"POST /bot1:T/%s HTTP/1.1\r\nContent-Type: application/json\r\n"
    out.write(head % b"sendMessage" + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
    out.write(head % b"getMe" + b"Content-Length: 0\r\n\r\n")
    answers = await come.readuntil(b'"supports_inline_queries":false}}')

    assert heard == [(5, "x")]
    assert answers.count(b"HTTP/1.1 200") == 2
    assert double.calls == {"sendmessage": 1, "getme": 1}
    out.close()
    await out.wait_closed()
    await double.close()


async def test_a_reply_that_nobody_waits_for_and_a_wrong_one_are_told_and_a_missing_one_is_lost() -> None:
    server = await asyncio.start_server(_confirming, "127.0.0.1", 0)
    load = Load([server.sockets[0].getsockname()[1]], first=100)
    load.sent(99, {"text": "Hello"}, 1)
    one, two = load.new(), load.new()
    load.post(one)
    load.post(two)
    load.sent(100, {"text": "Something else"}, 2)
    await load.settle()

    assert load.problems == "nobody waited: 1, another text at step 0: 1"
    assert (load.answered, load.lost) == (1, 1)
    await load.hooks.close()
    server.close()
    await asyncio.sleep(0.01)  # the other side hears of it


async def _confirming(come: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await come.readuntil(b"\r\n\r\n")
            await come.readexactly(int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]))
            out.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    out.close()


def _figures(name: str, cpu: float, others: float = 0.0) -> against.Figures:
    values = dict.fromkeys(
        ("full.rate", "full.commands", "full.scripts", "paced.cpu", "paced.scripts", "p50", "p95", "p99", "idle", "after"), 1.0
    )
    return against.Figures(name, values={**values, "calls": 1.0, "bytes": 9.0, "start": 1.0, "full.cpu": cpu, "full.others": others})


def test_the_table_gives_ratios_of_the_same_run_by_the_calmer_rounds() -> None:
    runs = {
        "amana": [_figures("amana", 9.0, others=0.9), _figures("amana", 0.2), _figures("amana", 0.2)],
        "grammy": [_figures("grammy", 0.8)],
        "broken": [against.Figures("broken", problems="did not come to its end")],
    }
    rows = against.table(runs)
    at = rows[0].index("× grammY")

    assert [row[0] for row in rows[1:]] == ["amana", "grammy"]
    assert (rows[1][1], rows[1][at], rows[2][at], rows[1][at + 1]) == ("0.200", "0.25", "1.00", "-")


def test_a_crowd_is_made_of_real_cells_in_the_shards_of_its_persons() -> None:
    port = free_port()
    server, redis = Server.start("--port", str(port), "--bind", "127.0.0.1"), None
    try:
        redis = Redis(port)
        person = Person(bytes([70]) + bytes(15))
        cell = cell_bytes(3, b"", Cell(wraps=(("m", b"k" * 40),), session=b"s" * 200, route=b"r" * 60, ends=2_000_000_000))
        redis.ask("HSET", base_of(shard_of(person)), person, cell)
        crowd.fill(redis, 1000)
        people = [(shard, *pair) for shard in range(64) for pair in _pairs(redis.ask("HGETALL", base_of(shard)))]

        assert len(people) == 1000
        assert {shard_of(Person(who)) == shard and kept == cell for shard, who, kept in people} == {True}
    finally:
        if redis is not None:
            redis.close()
        server.end()


def _pairs(flat: list[bytes]) -> list[tuple[bytes, bytes]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


async def test_the_real_service_plays_the_whole_conversation_with_nothing_lost_or_wrong(tmp_path: Path) -> None:
    port, redis_port = free_port(), free_port()
    server = Server.start("--port", str(redis_port), "--bind", "127.0.0.1")
    load = Load([port], first=1)
    double, api = await serve(load.sent)
    command, cwd, more = against.CONTESTANTS["amana"]
    env = {**GIVEN, "PORT": str(port), "API_BASE": f"http://127.0.0.1:{api}", "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0"}
    service = Service(command, {**env, "WEBHOOK_SECRET": "a-bench-secret", "WORKLOAD_DIR": str(WORKLOAD), **more}, tmp_path / "log", cwd)
    try:
        await service.ready(port)
        begin, end = await load.saturate(1.0, 9, lambda: load.answered)

        assert (load.problems, load.lost) == ("", 0)
        assert end - begin > STEPS
        assert service.cpu() > 0
        assert service.memory() > 20
    finally:
        await load.hooks.close()
        await service.stop()
        await double.close()
        server.end()


@pytest.mark.parametrize("module", [module for _, module in PARTS])
def test_every_part_of_make_bench_can_be_loaded(module: str) -> None:
    assert callable(importlib.import_module(module).main)


def test_installing_again_does_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran: list[object] = []
    monkeypatch.setattr(install, "HOME", tmp_path)
    monkeypatch.setattr(install, "NODE", tmp_path / "node")
    monkeypatch.setattr(install.shutil, "which", lambda _name: "/usr/bin/npm")
    monkeypatch.setattr(install.subprocess, "run", lambda *words, **_named: ran.append(words))
    install.install()
    first = len(ran)
    install.install()

    assert first == 3
    assert len(ran) == first
