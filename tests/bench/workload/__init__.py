"""The conversation that is measured: nine updates, fourteen calls of the Bot API (a reply to each, and five presses acknowledged).

Rule 1: everything about a person follows from the number of their chat, so that a run can be repeated and every reply can be judged.
Rule 2: a button is pressed by its place in the keyboard that was really sent; what it carries is its maker's business.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TEXTS = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))
STEPS = 9
KEYS = ("language", "agreed", "topic", "count", "either", "place", "amount", "full-name")
"""What is asked, in this order."""
NAMES = ("Awa Traoré", "يوسف بن علي", "Ibrahim Sow", "مريم الإدريسي", "Grace Okafor", "سلمى", "Jean-Baptiste Mbuyi")
LONGEST_RESULT = 400
_UNSEEN = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200e\u200f"))


@dataclass(frozen=True)
class Traveller:
    """One person of the load, as the number of their chat makes them."""

    chat: int

    @property
    def language(self) -> str:
        return "en" if self.chat % 4 == 0 else "ar"

    @property
    def count(self) -> int:
        return 1 + self.chat % 7

    @property
    def papers(self) -> bool:
        return self.chat % 3 != 0

    @property
    def town(self) -> int:
        return self.chat % len(TEXTS["places"])

    @property
    def months(self) -> int:
        return self.chat * 31 % 300

    @property
    def name(self) -> str:
        return NAMES[self.chat % len(NAMES)]

    @cached_property
    def acts(self) -> tuple[str | int, ...]:
        """What the person does at each step: words that are typed, or the place of the button that is pressed."""
        first, papers = int(self.language == "en"), int(not self.papers)
        return ("/start", first, 0, 0, str(self.count), papers, self.town, str(self.months), self.name)

    def is_answered(self, step: int, text: str) -> bool:
        """Whether this is what a bot says to the act of this step."""
        plain = text.translate(_UNSEEN)
        if step < len(KEYS):
            return plain == TEXTS["texts"][self.language if step else "en"][KEYS[step]]
        return len(plain) > LONGEST_RESULT and all(said in plain for said in (self.name, str(self.count), str(self.months)))

    def update(self, number: int, step: int, buttons: list[dict[str, Any]], message: int) -> dict[str, Any]:
        """What Telegram sends for this step. `buttons`: of the last message to this person, one after the other; `message`: its number."""
        person = {"id": self.chat, "is_bot": False, "first_name": "A", "last_name": "B", "username": f"p{self.chat}", "language_code": "fr"}
        chat = {"id": self.chat, "first_name": "A", "last_name": "B", "username": f"p{self.chat}", "type": "private"}
        act = self.acts[step]
        if isinstance(act, str):
            written = {"message_id": message + 1, "from": person, "chat": chat, "date": 1795000000, "text": act}
            if act.startswith("/"):
                written["entities"] = [{"type": "bot_command", "offset": 0, "length": len(act)}]
            return {"update_id": number, "message": written}
        bot = {"id": 1, "is_bot": True, "first_name": "Bot", "username": "bench_bot"}
        row = [{"text": button["text"], "callback_data": button["callback_data"]} for button in buttons]
        shown = {
            "message_id": message, "from": bot, "chat": chat, "date": 1795000000, "text": TEXTS["texts"][self.language][KEYS[step - 1]],
            "reply_markup": {"inline_keyboard": [[button] for button in row]},
        }  # fmt: skip
        query = {
            "id": str(number * 10007),
            "from": person,
            "message": shown,
            "chat_instance": str(self.chat),
            "data": row[act]["callback_data"],
        }
        return {"update_id": number, "callback_query": query}
