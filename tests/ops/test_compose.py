"""What is shipped for Docker: services and volumes that exist, commands and settings that are ours, and a store that never forgets."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from bot.bootstrap.house import PARTS
from bot.cli.app import app
from bot.config import NAMES, read
from tests.ops.houses import ROOT

FILES = ("compose.yaml", "compose.redis.yaml")
OURS = set(NAMES)
KNOWN = {
    "build", "image", "restart", "read_only", "cap_drop", "security_opt", "tmpfs", "networks", "depends_on", "volumes", "environment",
    "healthcheck", "stop_grace_period", "command", "ports", "profiles",
}  # fmt: skip


def compose(name: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def ours(whole: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in whole["services"].items() if "build" in service}


def seconds(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(s|m)", text).groups()
    return int(number) * {"s": 1, "m": 60}[unit]


@pytest.mark.parametrize("name", FILES)
def test_everything_that_is_named_is_there(name: str) -> None:
    whole = compose(name)
    services, volumes, networks = whole["services"], set(whole.get("volumes", {})), {"default", *whole.get("networks", {})}
    assert {key for key in whole if not key.startswith("x-")} <= {"services", "volumes", "networks"}
    for service in services.values():
        assert set(service) <= KNOWN
        assert ("build" in service) != ("image" in service)
        assert set(service.get("depends_on", ())) <= set(services)
        assert set(service.get("networks", ())) <= networks
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in volumes if not source.startswith(".") else (ROOT / source).exists()


@pytest.mark.parametrize("name", FILES)
def test_commands_and_settings_are_ours(name: str) -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    for service in ours(compose(name)).values():
        words = service.get("command", ["run"])
        assert words[0] in commands
        assert set(words[2::2]) <= PARTS
        assert all(word == "--only" for word in words[1::2])
        given = service["environment"]
        assert set(given) <= OURS
        read({key: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for key, value in given.items()})


@pytest.mark.parametrize("name", FILES)
def test_a_service_has_the_time_to_end_and_no_more_rights_than_it_needs(name: str) -> None:
    for service in ours(compose(name)).values():
        assert seconds(service["stop_grace_period"]) >= 15
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert any(volume.endswith(":/keys") for volume in service["volumes"])
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_on_redis_there_is_one_front_and_there_are_two_workers_on_the_same_keys() -> None:
    services = ours(compose("compose.redis.yaml"))
    doing = sorted(tuple(service["command"][2::2]) for service in services.values())

    assert doing == [("web", "telegram"), ("worker",), ("worker",)]
    assert len({tuple(service["volumes"]) for service in services.values()}) == 1


def test_each_process_is_well_when_it_is_ready_at_the_address_of_its_metrics() -> None:
    for service in ours(compose("compose.redis.yaml")).values():
        port = service["environment"]["AMANA_METRICS_LISTEN"].rpartition(":")[2]

        assert f"http://127.0.0.1:{port}/readyz" in service["healthcheck"]["test"][-1]
        assert service["depends_on"]["redis"]["condition"] == "service_healthy"


def test_redis_forgets_nothing_is_reached_by_nobody_else_and_is_waited_for() -> None:
    whole = compose("compose.redis.yaml")
    redis = whole["services"]["redis"]
    words = shlex.split(redis["command"])
    options = dict(zip(words[1::2], words[2::2], strict=True))

    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "always"
    assert options["--maxmemory-policy"] == "noeviction"
    assert redis["volumes"] == ["store:/data"]
    assert "ports" not in redis
    assert redis["networks"] == ["store"]
    assert whole["networks"]["store"]["internal"] is True
    assert "redis-cli ping" in redis["healthcheck"]["test"][1]


def test_prometheus_asks_every_process_and_reads_the_rules_that_are_shipped() -> None:
    whole, asked = compose("compose.redis.yaml"), yaml.safe_load((ROOT / "docs/ops/prometheus.yaml").read_text("utf-8"))
    targets = asked["scrape_configs"][0]["static_configs"][0]["targets"]
    mounted = [volume.split(":")[:2] for volume in whole["services"]["prometheus"]["volumes"]]

    assert sorted(targets) == sorted(f"{name}:9100" for name in ours(whole))
    assert asked["scrape_configs"][0]["job_name"] == "amana"
    assert ["./docs/ops", "/etc/amana"] in mounted
    assert all((ROOT / "docs/ops" / rules).is_file() for rules in asked["rule_files"])


def test_grafana_finds_the_dashboard_where_it_is_told_to_look() -> None:
    grafana = compose("compose.redis.yaml")["services"]["grafana"]
    mounted = {inside: Path(here) for here, inside, *_ in (volume.split(":") for volume in grafana["volumes"])}
    provisioning = ROOT / mounted["/etc/grafana/provisioning"]
    looks = yaml.safe_load((provisioning / "dashboards/amana.yaml").read_text("utf-8"))["providers"][0]["options"]["path"]
    source = yaml.safe_load((provisioning / "datasources/prometheus.yaml").read_text("utf-8"))["datasources"][0]

    assert (ROOT / mounted[looks] / "amana.json").is_file()
    assert source["url"] == "http://prometheus:9090"
