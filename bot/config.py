"""Settings: read once, whole, from the environment; a mistyped one stops the start with its nearest neighbour.

Rule 1: nothing outside this file reads the environment (but the crash points of tests).
Rule 2: a secret is never shown, logged or put into an error.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from rapidfuzz import process


class Secret:
    """A value that never shows itself."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the value, for the one place that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


class BadSettings(Exception):
    """The environment cannot be used; `problems` says each reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. The environment name stands in each field's metadata, its meaning in docs/settings.md."""

    store: str = field(default="sqlite:///var/amana.db", metadata={"env": "AMANA_STORE"})
    store_unsafe: str = field(default="", metadata={"env": "AMANA_STORE_UNSAFE"})
    store_replicas: str = field(default="0", metadata={"env": "AMANA_STORE_REPLICAS"})
    keys: Path = field(default=Path("~/.config/amana/keys"), metadata={"env": "AMANA_KEYS"})
    flows: Path = field(default=Path(), metadata={"env": "AMANA_FLOWS"})
    listen: str = field(default="127.0.0.1:8000", metadata={"env": "AMANA_LISTEN"})
    metrics_listen: str = field(default="", metadata={"env": "AMANA_METRICS_LISTEN"})
    public_url: str = field(default="", metadata={"env": "AMANA_PUBLIC_URL"})
    desk_language: str = field(default="fr", metadata={"env": "AMANA_DESK_LANGUAGE"})
    mail_server: Secret | None = field(default=None, metadata={"env": "AMANA_MAIL_SERVER"})
    mail_from: str = field(default="", metadata={"env": "AMANA_MAIL_FROM"})
    desk_group_trust: str = field(default="yes", metadata={"env": "AMANA_DESK_GROUP_TRUST"})
    log_level: str = field(default="info", metadata={"env": "AMANA_LOG_LEVEL"})
    telegram_token: Secret | None = field(default=None, metadata={"env": "TELEGRAM_TOKEN"})
    telegram_api_url: str = field(default="https://api.telegram.org", metadata={"env": "TELEGRAM_API_URL"})
    telegram_webhook_secret: Secret | None = field(default=None, metadata={"env": "TELEGRAM_WEBHOOK_SECRET"})
    telegram_webhook_path: str = field(default="/telegram", metadata={"env": "TELEGRAM_WEBHOOK_PATH"})
    telegram_desk_group: str = field(default="", metadata={"env": "TELEGRAM_DESK_GROUP"})
    telegram_sends_per_second: str = field(default="30", metadata={"env": "TELEGRAM_SENDS_PER_SECOND"})

    @property
    def embedded(self) -> bool:
        """Whether the store is a file of this process."""
        return self.store.startswith("sqlite:///")

    @property
    def replicas(self) -> int:
        """Give how many replicas must have a write before it is confirmed."""
        return int(self.store_replicas)

    @property
    def store_shown(self) -> str:
        """Give the store's address without its password."""
        scheme, _, rest = self.store.partition("://")
        return f"{scheme}://{rest.rpartition('@')[2]}"

    @property
    def sqlite_path(self) -> Path:
        """Give the file of the embedded store."""
        return Path(self.store.removeprefix("sqlite:///")).expanduser()

    @property
    def address(self) -> tuple[str, int]:
        """Give host and port to listen at."""
        return _address(self.listen)

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        """Give host and port where only `/metrics`, `/healthz` and `/readyz` are, or None."""
        return _address(self.metrics_listen) if self.metrics_listen else None

    @property
    def sends_per_second(self) -> int:
        """Give how many messages a second Telegram takes of this bot."""
        return int(self.telegram_sends_per_second)

    @property
    def grouped(self) -> bool:
        """Whether there is a caseworkers' group."""
        return any(number is not None for number in self.desk_groups.values())

    @property
    def desk_groups(self) -> dict[str, int | None]:
        """Give the groups that a bot writes to: as written, if there is a token."""
        return self.written_groups if self.telegram_token is not None else {}

    @property
    def written_groups(self) -> dict[str, int | None]:
        """Give the number of each team's group, of all other teams under an empty name; None: that team has none."""
        return _groups(self.telegram_desk_group) or {}

    @property
    def url(self) -> str:
        """Give the address that people and staff open."""
        host, port = self.address
        here = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104
        return self.public_url.rstrip("/") or f"http://{here}:{port}"

    @property
    def secure(self) -> bool:
        """Whether pages are served over HTTPS (by the proxy before us)."""
        return self.public_url.startswith("https://")


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


NAMES: dict[str, str] = {f.metadata["env"]: f.name for f in fields(Settings)}
"""Environment name → field."""
_SERVERS = tuple(f"{scheme}{kind}://" for scheme in ("redis", "rediss") for kind in ("", "+sentinel", "+cluster"))
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_TESTS = frozenset({"AMANA_TEST_CRASH"})


def read(environ: Mapping[str, str]) -> Settings:
    """Give the settings of this environment; raises `BadSettings` with every problem at once."""
    problems: list[str] = []
    values: dict[str, Any] = {}
    for name, value in sorted(environ.items()):
        if not name.startswith(("AMANA_", "TELEGRAM_")) or name in _TESTS:
            continue
        if name not in NAMES:
            nearest = process.extractOne(name, list(NAMES))
            hint = f"; did you mean {nearest[0]}?" if nearest and nearest[1] > 60 else ""
            problems.append(f"no setting {name}{hint}")
        elif value.strip():
            values[NAMES[name]] = _typed(name, value.strip())
    settings = Settings(**values)
    problems += _wrong(settings)
    if problems:
        raise BadSettings(problems)
    return settings


def _typed(name: str, value: str) -> Any:
    if name in ("TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "AMANA_MAIL_SERVER"):
        return Secret(value)
    if name in ("AMANA_KEYS", "AMANA_FLOWS"):
        return Path(value)
    return value


def _wrong(settings: Settings) -> list[str]:
    problems = _wrong_store(settings) + _wrong_addresses(settings)
    if settings.public_url and not settings.public_url.startswith(("https://", "http://")):
        problems.append("AMANA_PUBLIC_URL must begin with https:// or http://")
    if settings.desk_language not in ("ar", "fr", "en"):
        problems.append("AMANA_DESK_LANGUAGE must be ar, fr or en")
    if settings.desk_group_trust not in ("yes", "no"):
        problems.append("AMANA_DESK_GROUP_TRUST must be yes or no")
    if settings.log_level not in ("debug", "info", "warning", "error"):
        problems.append("AMANA_LOG_LEVEL must be debug, info, warning or error")
    return problems + _wrong_mail(settings) + _wrong_telegram(settings)


def _wrong_addresses(settings: Settings) -> list[str]:
    problems = []
    if not _may_listen(settings.listen):
        problems.append("AMANA_LISTEN must be HOST:PORT, for example 127.0.0.1:8000")
    if settings.metrics_listen and not _may_listen(settings.metrics_listen):
        problems.append("AMANA_METRICS_LISTEN must be HOST:PORT, for example 127.0.0.1:9100")
    if settings.metrics_listen == settings.listen:
        problems.append("AMANA_METRICS_LISTEN must be another address than AMANA_LISTEN")
    return problems


def _may_listen(listen: str) -> bool:
    host, _, port = listen.rpartition(":")
    return bool(host) and port.isdigit() and 0 < int(port) < 65536


def _wrong_store(settings: Settings) -> list[str]:
    problems = []
    if not settings.store.startswith(("sqlite:///", "unix://", *_SERVERS)):
        problems.append(
            "AMANA_STORE must be sqlite:///PATH, redis://HOST:PORT, rediss://HOST:PORT, unix:///PATH, "
            "redis+sentinel://HOST:PORT,HOST:PORT/NAME or redis+cluster://HOST:PORT,HOST:PORT (rediss+… with TLS)"
        )
    if not settings.store_replicas.isdecimal() or len(settings.store_replicas) > 1:
        problems.append("AMANA_STORE_REPLICAS must be a number from 0 to 9: how many replicas have a message before it is confirmed")
    elif settings.replicas and settings.embedded:
        problems.append("AMANA_STORE_REPLICAS needs a Redis server in AMANA_STORE: a file has no replicas")
    if settings.store_unsafe not in ("", "yes"):
        problems.append("AMANA_STORE_UNSAFE is either the word yes or not set")
    return problems


def _wrong_mail(settings: Settings) -> list[str]:
    problems = []
    if settings.mail_server is not None and not settings.mail_server.reveal().startswith(("smtp://", "smtps://", "smtp+plain://")):
        problems.append("AMANA_MAIL_SERVER must be smtp://USER:PASSWORD@HOST:PORT, smtps://… or smtp+plain://…")
    if settings.mail_server is not None and not settings.mail_from:
        problems.append("AMANA_MAIL_SERVER needs AMANA_MAIL_FROM: the address that letters come from")
    if settings.mail_from and not _ADDRESS.fullmatch(settings.mail_from):
        problems.append("AMANA_MAIL_FROM must be an address alone, for example desk@example.org")
    return problems


def _wrong_telegram(settings: Settings) -> list[str]:
    problems = []
    secret = settings.telegram_webhook_secret
    if secret is not None and not settings.public_url:
        problems.append("TELEGRAM_WEBHOOK_SECRET needs AMANA_PUBLIC_URL: Telegram must know where to send")
    if secret is not None and not all(c.isascii() and (c.isalnum() or c in "_-") for c in secret.reveal()):
        problems.append("TELEGRAM_WEBHOOK_SECRET may hold A-Z a-z 0-9 _ - only")
    path = settings.telegram_webhook_path
    if not path.startswith("/") or not all(c.isascii() and (c.isalnum() or c in "/_-") for c in path) or path == "/":
        problems.append("TELEGRAM_WEBHOOK_PATH must begin with / and hold letters, digits, - and _ only")
    if not settings.telegram_sends_per_second.isdecimal() or int(settings.telegram_sends_per_second) < 1:
        problems.append("TELEGRAM_SENDS_PER_SECOND must be a whole number, 1 or more")
    if _groups(settings.telegram_desk_group) is None:
        problems.append("TELEGRAM_DESK_GROUP must be a group's number, like -1001234567890, or several: -100123 TEAM=-100456 TEAM=none")
    return problems


def _groups(written: str) -> dict[str, int | None] | None:
    """The numbers of groups by team, `NUMBER TEAM=NUMBER TEAM=none`; None if that cannot be read."""
    found: dict[str, int | None] = {}
    for part in written.replace(",", " ").split():
        team, equals, number = part.rpartition("=")
        none = bool(equals) and number == "none"
        if team in found or bool(team) != bool(equals) or not (none or _is_number(number)):
            return None
        found[team] = None if none else int(number)
    return found


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii()
