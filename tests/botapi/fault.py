"""What may go wrong with one call: a refusal, a page of a proxy, silence, a broken line, an answer that is no answer.

Rule 1: a fault is used up by the calls it hits; one with a `share` hits so many of a hundred calls for as long as it stands.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

How = Literal["answer", "html", "silent", "reset", "slow", "broken", "half", "shape"]
"""`answer`: refused in JSON. `html`: a proxy's page. `silent`: no answer for `seconds`, then the line is closed. `reset`: the line is torn.
`slow`: the answer comes a byte each `seconds`. `broken`: JSON that ends in the middle. `half`: fewer bytes than were promised.
`shape`: JSON that is no answer of the Bot API."""


@dataclass
class Fault:
    """Spoils the next `times` calls of a method (`*`: of any). `after`: the call is carried out first, and only its answer is lost.

    `share`: instead of `times`, the part of all calls that it hits. `chat`, `chats`: only calls to this chat, or to these.
    """

    method: str
    status: int = 500
    description: str = "error"
    parameters: dict[str, Any] = field(default_factory=dict)
    times: int = 1
    after: bool = False
    how: How = "answer"
    seconds: float = 1.0
    share: float | None = None
    chat: int | None = None
    chats: Collection[int] = ()

    def hits(self, method: str, parameters: dict[str, Any], dice: float) -> bool:
        """Whether it spoils this call. `dice`: a number from 0 to 1."""
        if self.method not in (method, "*") or (self.method == "*" and method == "getUpdates" and self.share is not None):
            return False
        if self.chats and int(parameters.get("chat_id") or 0) not in self.chats:
            return False
        if self.chat is not None and str(parameters.get("chat_id")) != str(self.chat):
            return False
        return self.times > 0 if self.share is None else dice < self.share


class Refusal(Exception):
    """The Bot API says no. `more`: its response parameters."""

    def __init__(self, status: int, description: str, **more: Any) -> None:
        super().__init__(description)
        self.status, self.description, self.more = status, description, more

    def body(self) -> dict[str, Any]:
        """Give the answer that says so."""
        body: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        return {**body, "parameters": self.more} if self.more else body
