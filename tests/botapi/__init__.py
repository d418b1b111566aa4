"""A Bot API server for tests, with Telegram's own ways: what confirms an update, how long it lives, what a webhook that fails gets.

Rule 1: it behaves as the open Bot API server does where a test relies on it; the facts are in docs/adr/0006-no-telegram-ext.md.
Rule 2: an update is confirmed by a later offset or by an answer of 2xx, by nothing else; a newer poll ends an older one with 409.
Rule 3: everything asked of it stands in a ledger: when it was asked, when it was carried out, when it was answered.
"""

from tests.botapi.fault import Fault
from tests.botapi.server import TOKEN, BotApiServer, serving
from tests.botapi.waiting import Waiting

__all__ = ["TOKEN", "BotApiServer", "Fault", "Waiting", "serving"]
