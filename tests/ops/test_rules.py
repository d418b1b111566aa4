"""Alerts and dashboard speak of what `/metrics` says, of nothing else, and every alert was seen to fire and to be silent."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from prometheus_client.metrics_core import Metric

from bot.config import Secret
from bot.conversation.notices.notice import Course, Order, progress
from bot.flow.program import Urgency
from bot.ports import Failure
from tests.ops.houses import ROOT, living, settings, watching
from tests.redis_rig import Server

OPS = ROOT / "docs/ops"
RULES = [rule for group in yaml.safe_load((OPS / "alerts.yaml").read_text("utf-8"))["groups"] for rule in group["rules"]]
BOARD = json.loads((OPS / "grafana/amana.json").read_text("utf-8"))
EXPRESSIONS = [rule["expr"] for rule in RULES] + [each["expr"] for panel in BOARD["panels"] for each in panel["targets"]]
OPERATING = (ROOT / "docs/operating.md").read_text("utf-8")
OF_PROMETHEUS = {"instance", "job", "le"}
NAME = re.compile(r"\b(?:amana|process)_[a-z_]+")
SELECTOR = re.compile(r"\b((?:amana|process)_[a-z_]+)\{([^}]*)\}")
PAIR = re.compile(r'(\w+)(=~|!=|!~|=)"([^"]*)"')
SENDS = {"sent", *get_args(Failure)}


def promtool(*words: str, said: str = "") -> str:
    """Run promtool; what it says when it is content."""
    program = shutil.which("promtool")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("promtool is not installed (Debian: prometheus)")
        pytest.skip("promtool is not installed (Debian: prometheus)")
    done = subprocess.run([program, *words], input=said, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def families(house: Any) -> dict[str, Metric]:
    return {_full(family): family for family in house.metrics.registry.collect()}


def _full(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


@pytest.fixture(scope="module")
def server():
    started = Server.start()
    yield started
    started.end()


async def exercised(house: Any) -> None:
    """Make every counter count, so that each label is seen."""
    told = house.metrics
    told.arrived("telegram", 1, 1, 1)
    told.sent("telegram", "sent")
    told.gave_up("refused")
    told.alerted("no-contact", "menu")
    told.poisoned("KeyError")
    told.crashed("TypeError")
    told.polled(ok=True)
    told.group("no-group")
    told.media("given")
    told.alarms.alarmed("on-call", 0)
    told.alarms.failed(KeyError())
    told.alarms.past_promise({("waiting", "now"): 1})
    told.alarms.letter("sent")
    told.alarms.mail("no-tls")
    told.noticed([progress(Order(id="n1", texts={}), Course(), [], 0.0)])
    told.worked(0.1)
    house.watch.facts.copied = house.watch.facts.pending = 0
    house.watch.facts.health = await house.store.health()


async def labels_of(folder: Path) -> dict[str, set[str]]:
    async with living(settings(folder, telegram_token=Secret("1:none"))) as house:
        await exercised(house)
        return {name: {label for one in family.samples for label in one.labels} - {"le"} for name, family in families(house).items()}


def mentioned(expression: str) -> set[str]:
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in NAME.findall(expression)}


def test_rules_are_rules() -> None:
    assert f"{len(RULES)} rules found" in promtool("check", "rules", str(OPS / "alerts.yaml"))


@pytest.mark.timeout(180)
def test_each_rule_fires_when_it_should() -> None:
    assert "SUCCESS" in promtool("test", "rules", str(OPS / "alerts.test.yaml"))


def test_the_shipped_settings_of_prometheus_are_whole() -> None:
    assert "SUCCESS" in promtool("check", "config", str(OPS / "prometheus.yaml"))


def test_each_question_of_the_dashboard_is_one_that_prometheus_understands(tmp_path: Path) -> None:
    asked = [
        {"record": f"panel:{n}", "expr": one["expr"]} for n, one in enumerate(one for panel in BOARD["panels"] for one in panel["targets"])
    ]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": asked}]}), encoding="utf-8")

    assert f"{len(asked)} rules found" in promtool("check", "rules", "--lint=none", str(tmp_path / "rules.yaml"))


@pytest.mark.parametrize("kind", ["file", "server"])
async def test_what_a_process_tells_is_what_prometheus_expects(tmp_path: Path, server: Server, kind: str) -> None:
    known = settings(tmp_path) if kind == "file" else settings(tmp_path, store=f"unix://{server.socket}")
    async with living(known) as house, watching(house) as client:
        await exercised(house)
        text = (await client.get("/metrics")).text

    assert promtool("check", "metrics", said=text) == ""


async def test_alerts_and_dashboard_name_only_what_there_is(tmp_path: Path) -> None:
    there = set(await labels_of(tmp_path))

    assert set().union(*map(mentioned, EXPRESSIONS)) - there == set()


async def test_the_dashboard_shows_everything_that_is_told(tmp_path: Path) -> None:
    shown = set().union(*map(mentioned, EXPRESSIONS))

    assert {name for name in await labels_of(tmp_path) if name.startswith("amana_")} - shown == set()


async def test_alerts_and_dashboard_ask_only_for_labels_that_are_there(tmp_path: Path) -> None:
    labels = await labels_of(tmp_path)
    wrong = [
        (name, label)
        for expression in EXPRESSIONS
        for name, inside in SELECTOR.findall(expression)
        for label, _, _ in PAIR.findall(inside)
        if label not in labels[re.sub(r"_(bucket|count|sum)$", "", name)] | OF_PROMETHEUS
    ]

    assert wrong == []


async def test_alerts_and_dashboard_ask_only_for_values_that_may_be_told(tmp_path: Path) -> None:
    async with living(settings(tmp_path)) as house:
        told = {name: {value for one in family.samples for value in one.labels.values()} for name, family in families(house).items()}
    told |= {"amana_sends_total": SENDS, "amana_polls_total": {"ok", "failed"}, "amana_telegram_silence_seconds": {"poll", "webhook"}}
    told |= {"amana_alarms_total": {"somebody", "nobody"}, "amana_letters_total": {"sent", "given-up"}}
    told |= {"amana_cases_past_promise": {"waiting", "claimed", *get_args(Urgency)}}
    wrong = [
        (name, value)
        for expression in EXPRESSIONS
        for name, inside in SELECTOR.findall(expression)
        for label, _, values in PAIR.findall(inside)
        if label not in OF_PROMETHEUS
        for value in values.split("|")
        if value not in told[name]
    ]

    assert wrong == []
    assert set(get_args(Urgency)) <= told["amana_case_oldest_wait_seconds"]


async def test_everything_that_is_told_is_described_with_its_labels_and_nothing_else_is(tmp_path: Path) -> None:
    rows = re.findall(r"^\| `((?:amana|process)_\w+)(?:\{([\w, ]+)\})?` \|", OPERATING, re.MULTILINE)
    described = {name: {label for label in labels.split(", ") if label} for name, labels in rows}

    assert described == await labels_of(tmp_path)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_each_alert_says_in_words_what_is_wrong_what_to_do_and_where_that_stands(rule: dict[str, Any]) -> None:
    notes = rule["annotations"]
    page, _, heading = notes["runbook"].partition("#")

    assert set(notes) == {"summary", "todo", "runbook"}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert all(notes[key].endswith(".") for key in ("summary", "todo"))
    assert page == "docs/operating.md"
    assert heading in {_anchor(title) for title in re.findall(r"^#{2,4} (.+)$", OPERATING, re.MULTILINE)}


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")


def test_each_alert_is_tested_both_ways() -> None:
    tests = {one["name"] for one in yaml.safe_load((OPS / "alerts.test.yaml").read_text("utf-8"))["tests"]}

    assert {f"{rule['alert']} {way}" for rule in RULES for way in ("fires", "is silent")} <= tests


def test_the_first_row_of_the_dashboard_is_seven_numbers_and_no_panel_covers_another() -> None:
    places = [panel["gridPos"] for panel in BOARD["panels"]]
    taken = [(x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])]

    assert [panel["type"] for panel in BOARD["panels"] if panel["gridPos"]["y"] == 0] == ["stat"] * 7
    assert len(taken) == len(set(taken))
    assert all(at["x"] + at["w"] <= 24 for at in places)
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(places)
