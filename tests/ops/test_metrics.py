"""What `/metrics`, `/healthz` and `/readyz` say, of which they say nothing personal, and when the store is gone."""

import asyncio
import re
import time

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.bootstrap.gauges import Gauges
from bot.bootstrap.watch import BACKUP, OPERATOR, Watch, pause
from bot.conversation.keeping.intake import Incoming
from bot.engine.events import Said
from bot.ports import SendFailed, StoreUnavailable
from bot.storage.vitals import APART, Vitals, timed
from bot.telemetry import Metrics, word
from tests.ops.houses import living, settings, watching
from tests.redis_rig import Server

LABELS = {
    "amana_flows_info": {"revision": r"[0-9a-f]{8,64}", "stage": "trial|live"},
    "amana_info": {"version": r"\d+\.\d+\.\d+", "does": r"[a-z-]+"},
}
"""Labels that may hold something else than a word."""
ELSEWHERE = {"le": r"[0-9.e-]+|\+Inf"}
WORD = r"[A-Za-z][A-Za-z0-9._-]{0,39}"
SECRETS = ("canariword", "710093377201", "canaristaff")


@pytest.fixture(scope="module")
def started():
    server = Server.start()
    yield server
    server.end()


@pytest.fixture
def server(started):
    """A server on which nothing is kept."""
    started.empty()
    return started


async def told(house) -> str:
    async with watching(house) as client:
        return (await client.get("/metrics")).text


def samples(text: str) -> dict[tuple[str, str], float]:
    """Name and label values → value."""
    return {
        (one.name, " ".join(one.labels.values())): one.value for family in text_string_to_metric_families(text) for one in family.samples
    }


async def say(house, text: str, n: int = 1) -> None:
    item = Incoming(
        channel="telegram", identity=SECRETS[1], route=SECRETS[1], event_id=f"tg:{n}", event=Said(at=house.clock.now(), text=text)
    )
    fresh = await house.intake.accept([item])
    house.metrics.arrived("telegram", sum(fresh), len(fresh) - sum(fresh), 0)


async def test_a_conversation_is_counted_and_leaves_nothing_personal_in_a_label(tmp_path):
    async with living(settings(tmp_path)) as house:
        await say(house, SECRETS[0])
        await say(house, SECRETS[0])
        await house.worker.idle()
        await house.sender.idle()  # there is no such channel here: every message is refused
        house.metrics.poisoned(f"Error {SECRETS[0]} of {SECRETS[1]}")
        house.metrics.alerted(SECRETS[1], SECRETS[0])
        house.metrics.crashed("7" * 12)
        await house.watch.look()
        text = await told(house)
    seen = samples(text)

    assert seen["amana_accepted_total", "telegram"] == 1
    assert seen["amana_repeated_total", "telegram"] == 1
    assert seen["amana_turn_seconds_count", ""] == 1
    assert seen["amana_given_up_total", "refused"] >= 1
    assert seen["amana_poison_total", "other"] == 1
    assert seen["amana_store_seconds_count", "accept"] >= 1
    assert seen["amana_store_seconds_count", "commit"] == 1
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize("kind", ["file", "server"])
async def test_every_label_is_a_word_of_a_closed_list(tmp_path, server, kind):
    known = settings(tmp_path) if kind == "file" else settings(tmp_path, store=f"unix://{server.socket}")
    async with living(known) as house:
        await say(house, SECRETS[0])
        await house.worker.idle()
        await house.watch.look()
        text = await told(house)
    wrong = [
        (one.name, label, value)
        for family in text_string_to_metric_families(text)
        for one in family.samples
        for label, value in one.labels.items()
        if not re.fullmatch(ELSEWHERE.get(label) or LABELS.get(family.name, {}).get(label, WORD), value)
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("given", "counted"), [("NotOurs", "NotOurs"), ("slow-down", "slow-down"), ("a b", "other"), ("7712345678", "other"), ("", "other")]
)
def test_what_does_not_look_like_a_word_of_ours_is_counted_as_other(given, counted):
    assert word(given) == counted


async def test_a_worker_on_a_server_tells_its_shards_its_memory_and_its_calls(tmp_path, server):
    async with living(settings(tmp_path, store=f"unix://{server.socket}")) as house:
        async with asyncio.timeout(20):  # on a busy machine holds may end meanwhile, and are taken again
            while True:
                await say(house, "bonjour")
                await house.worker.idle()
                await house.watch.look()
                seen = samples(await told(house))
                if seen["amana_leases_held", ""] == 64 and seen["amana_cells_bytes", ""] > 0:
                    break

    assert seen["amana_shards", ""] == 64
    assert seen["amana_leases_taken_total", ""] >= 64
    assert seen["amana_script_calls_total", ""] >= 2
    assert seen["amana_lanes", "person ready"] + seen["amana_lanes", "person resting"] == 1
    assert abs(seen["amana_store_clock_skew_seconds", ""]) < 1
    assert seen["amana_store_appends", ""] == 1
    assert seen["amana_store_used_bytes", ""] > 0


async def test_a_store_that_is_gone_makes_the_process_unready_but_not_dead(tmp_path):
    server = Server.start()
    async with living(settings(tmp_path, store=f"unix://{server.socket}")) as house, watching(house) as client:
        before = [(await client.get(path)).status_code for path in ("/healthz", "/readyz", "/metrics")]
        server.kill()
        await house.watch.look()
        ready, alive, metrics = await client.get("/readyz"), await client.get("/healthz"), await client.get("/metrics")
        server.start_again()
        async with asyncio.timeout(10):
            while (await client.get("/readyz")).status_code != 200:
                await asyncio.sleep(0.05)
        await house.watch.look()
        after = samples((await client.get("/metrics")).text)
    server.end()

    assert before == [200, 200, 200]
    assert (ready.status_code, ready.json()) == (503, {"store": False, "flows": True})
    assert alive.status_code == metrics.status_code == 200
    assert samples(metrics.text)["amana_store_up", ""] == 0
    assert after["amana_store_up", ""] == 1


async def test_a_copy_of_the_store_is_remembered_with_its_age(tmp_path):
    async with living(settings(tmp_path)) as house:
        when = house.vault.seal_note(OPERATOR, BACKUP, str(house.clock.now() - 3600).encode())
        await house.store.put_note(OPERATOR, BACKUP, when)
        await house.watch.look()
        age = samples(await told(house))["amana_backup_age_seconds", ""]

    assert 3600 <= age < 3700


async def test_counters_of_channels_begin_at_nought_so_that_the_first_message_is_one_more(tmp_path):
    async with living(settings(tmp_path)) as house:
        seen = samples(await told(house))

    assert seen["amana_accepted_total", "web"] == seen["amana_sends_total", "web sent"] == 0


async def test_a_process_without_telegram_says_nothing_of_its_silence(tmp_path):
    async with living(settings(tmp_path)) as house:
        assert not [key for key in samples(await told(house)) if key[0].startswith("amana_telegram")]


async def test_the_log_names_the_place_of_an_event_put_aside_and_none_of_its_words(tmp_path, monkeypatch, caplog):
    def bug(_hand):
        raise ValueError(SECRETS[0])

    async with living(settings(tmp_path)) as house:
        monkeypatch.setattr(house.worker._turns, "make", bug)
        await say(house, SECRETS[0])
        with caplog.at_level("ERROR", logger="amana"):
            await house.worker.idle()
    facts = next(record.facts for record in caplog.records if record.msg == "event put aside")

    assert facts["kind"] == "ValueError"
    assert re.fullmatch(r"(conversation/turning/worker\.py:\d+( > )?)+", facts["where"])
    assert SECRETS[0] not in str(facts)


# ── pieces ──
class Steady:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_lane_told_to_wait_is_counted_until_its_time_is_over():
    steady = Steady()
    metrics = Metrics(steady)
    metrics.sent("telegram", "slow-down", 30.0)
    metrics.sent("telegram", "slow-down", 3.0)
    metrics.sent("telegram", "sent")

    assert metrics.resting() == 2
    steady.now += 10.0
    assert metrics.resting() == 1
    steady.now += 100.0
    assert metrics.resting() == 0


def test_silence_of_telegram_ends_with_an_answered_poll_or_a_call_of_the_webhook():
    steady = Steady()
    metrics = Metrics(steady)
    steady.now += 40.0
    metrics.polled(ok=False)
    assert metrics.silence() == 40.0

    metrics.polled(ok=True)
    steady.now += 5.0
    assert metrics.silence() == 5.0

    metrics.arrived("web", 1, 0, 0)
    assert metrics.silence() == 5.0
    metrics.arrived("telegram", 0, 1, 0)
    assert metrics.silence() == 0.0


async def test_at_rest_every_call_is_timed_and_under_load_some(tmp_path):
    steady = Steady()
    seen: list[float] = []

    async def ask(_word: str) -> str:
        steady.now += 0.001
        return "answer"

    asked = timed(ask, seen.append, steady)
    for _ in range(100):
        assert await asked("word") == "answer"
    under_load = len(seen)
    for _ in range(3):
        steady.now += APART
        await asked("word")

    assert 3 <= under_load <= 6
    assert len(seen) == under_load + 3
    assert all(abs(one - 0.001) < 1e-9 for one in seen)


async def test_a_call_that_fails_is_timed_too():
    seen: list[float] = []

    async def ask() -> None:
        raise StoreUnavailable

    with pytest.raises(StoreUnavailable):
        await timed(ask, seen.append, time.perf_counter)()

    assert len(seen) == 1


class Slow:
    """A store that takes its time, or is not there."""

    def __init__(self, clock) -> None:
        self.clock, self.down, self.looks = clock, False, 0

    async def vitals(self, now):
        self.looks += 1
        self.clock.moved += 2.0
        if self.down:
            raise StoreUnavailable
        return Vitals(lanes={}, waiting=0, hand=0)


class Moving:
    moved = 0.0

    def now(self) -> float:
        return 1000.0 + self.moved

    def steady(self) -> float:
        return self.moved


async def test_telegram_is_asked_what_waits_once_a_minute_even_when_the_store_is_down():
    clock = Moving()
    store = Slow(clock)
    store.down = True
    asked: list[int] = []

    async def pending() -> int:
        asked.append(1)
        return 7

    watch = Watch(store, clock, lambda _space, _key, value: value, pending)
    for number in range(24):
        await watch.look(number)

    assert (len(asked), watch.facts.pending, watch.facts.up) == (2, 7, False)


@pytest.mark.parametrize(("took", "up", "paused"), [(0.001, True, 5.0), (0.1, True, 10.0), (3.0, True, 60.0), (3.0, False, 5.0)])
def test_a_large_store_is_looked_at_less_often_and_one_that_is_gone_is_looked_for_soon(took, up, paused):
    assert pause(took, up=up) == pytest.approx(paused)


async def test_looking_ends_when_the_process_stops():
    clock, stopping = Moving(), asyncio.Event()
    store = Slow(clock)
    store.down = True
    looking = asyncio.create_task(Watch(store, clock, lambda _space, _key, value: value).run(stopping))
    while not store.looks:
        await asyncio.sleep(0)
    stopping.set()
    async with asyncio.timeout(2):
        await looking

    assert store.looks == 1


async def test_metrics_can_be_asked_before_anything_was_looked_at(tmp_path):
    async with living(settings(tmp_path)) as house:
        fresh = Gauges(
            metrics=house.metrics, watch=Watch(house.store, house.clock, house.vault.open_note), keeper=house.keeper, library=house.library,
            clock=house.clock, doing=frozenset({"web"}), polls=True,
        )  # fmt: skip
        families = {family.name: family for family in fresh.collect()}

    assert families["amana_store_up"].samples[0].value == 0
    assert families["amana_leases_held"].samples == []
    assert [one.labels for one in families["amana_telegram_silence_seconds"].samples] == [{"how": "poll"}]


async def test_a_channel_is_counted_with_how_each_call_ended(tmp_path):
    async with living(settings(tmp_path)) as house:
        house.channels["telegram"] = channel = Refusing()
        await say(house, "bonjour")
        await house.worker.idle()
        await house.sender.idle()
        seen = samples(await told(house))

    assert channel.asked == 1
    assert seen["amana_sends_total", "telegram slow-down"] == 1
    assert seen["amana_lanes_told_to_wait", ""] == 1


class Refusing:
    name = "telegram"
    asked = 0

    async def send(self, _route, _message):
        self.asked += 1
        raise SendFailed("slow-down", retry_after=30.0)


async def test_an_address_of_its_own_holds_what_is_watched_and_the_pages_do_not(tmp_path):
    from bot.web.app import build

    known = settings(tmp_path, metrics_listen="127.0.0.1:9100")
    async with living(known) as house:
        transport = httpx.ASGITransport(build(house.web_parts()))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as people, watching(house) as operators:
            pages = [(await people.get(path)).status_code for path in ("/metrics", "/healthz", "/readyz", "/chat")]
            seen = [(await operators.get(path)).status_code for path in ("/metrics", "/healthz", "/readyz", "/chat")]

    assert pages == [404, 200, 200, 200]
    assert seen == [200, 200, 200, 404]
