"""When somebody is away, as it is typed: a day, or a day and a time, local to the first country that is served.

Rule 1: what cannot be read, or is over already, is no absence.
"""

from datetime import datetime

from bot.engine.calendar import local
from bot.flow.service import Service


def away_until(text: str, service: Service, now: float) -> float | None:
    """Give the moment `YYYY-MM-DD` (its first minute) or `YYYY-MM-DDTHH:MM` stands for; None if there is none such to come."""
    try:
        then = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=local(now, None, service).tzinfo)
    return then.timestamp() if then.timestamp() > now else None


def shown(at: float, service: Service) -> str:
    """Give a moment as `away_until` reads it."""
    return local(at, None, service).strftime("%Y-%m-%dT%H:%M")
