"""A Bot API server for tests: real offsets, a webhook in order per chat, scripted faults, and a ledger of everything that was sent.

Rule 1: it behaves as the open Bot API server does where a test relies on it; the facts are in docs/adr/0006-no-telegram-ext.md.
Rule 2: an update is confirmed by a later offset or by an answer of 2xx, by nothing else; a newer poll ends an older one with 409.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "123456:TESTTOKEN"


@dataclass
class Fault:
    """Answers the next `times` calls of a method with an error. `after`: the call is carried out first (its answer is lost)."""

    method: str
    status: int
    description: str = "error"
    parameters: dict[str, Any] = field(default_factory=dict)
    times: int = 1
    after: bool = False


@dataclass
class BotApiServer:
    """The double. `calls`: (method, parameters) in order of carrying out."""

    port: int = 0
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    webhook: str = ""
    secret: str = ""
    offsets: list[int | None] = field(default_factory=list)
    longest_poll: float = 1.0
    first_retry: float = 0.05
    """Seconds until a webhook that failed is tried again; doubles up to twenty times that (Telegram: 1 s up to 60–120 s)."""
    _polls: itertools.count = field(default_factory=itertools.count)
    _poll: int = -1
    _ids: itertools.count = field(default_factory=lambda: itertools.count(1000))
    _update_ids: itertools.count = field(default_factory=lambda: itertools.count(1))
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # ── what tests do ──
    def push(self, update: dict[str, Any]) -> dict[str, Any]:
        """Put an update into the queue of a polling bot."""
        update.setdefault("update_id", next(self._update_ids))
        self.updates.append(update)
        self._news.set()
        return update

    def text(self, chat: int, text: str, **more: Any) -> dict[str, Any]:
        """Make a private text message."""
        message = {"message_id": next(self._ids), "date": 1, "chat": {"id": chat, "type": "private"}, "text": text}
        return {
            "update_id": next(self._update_ids),
            "message": {**message, "from": {"id": chat, "is_bot": False, "first_name": "NAME"}, **more},
        }

    def press(self, chat: int, message: int, data: str) -> dict[str, Any]:
        """Make a press of an inline button."""
        held = {"message_id": message, "date": 1, "chat": {"id": chat, "type": "private"}}
        query = {"id": str(next(self._ids)), "from": {"id": chat, "is_bot": False, "first_name": "NAME"}, "message": held, "data": data}
        return {"update_id": next(self._update_ids), "callback_query": query}

    def in_topic(self, group: int, topic: int, text: str, user: int = 77, *, edited: bool = False) -> dict[str, Any]:
        """Make a message of a caseworker in a topic."""
        message = {"message_id": next(self._ids), "date": 1, "chat": {"id": group, "type": "supergroup"}, "message_thread_id": topic}
        kind = "edited_message" if edited else "message"
        sender = {"id": user, "is_bot": False, "first_name": "STAFFNAME"}
        return {"update_id": next(self._update_ids), kind: {**message, "from": sender, "text": text}}

    def sent(self, chat: int | str, method: str = "sendMessage") -> list[dict[str, Any]]:
        """Give what was sent to a chat, in order."""
        return [parameters for name, parameters in self.calls if name == method and str(parameters.get("chat_id")) == str(chat)]

    def of(self, method: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.calls if name == method]

    # ── the server ──
    async def handle(self, request: Request) -> Response:
        method = request.path_params["method"]
        parameters = await request.json() if await request.body() else {}
        fault = next((f for f in self.faults if f.method in (method, "*") and f.times > 0), None)
        if fault is not None:
            fault.times -= 1
            if fault.after:
                await self._do(method, parameters)
            body = {"ok": False, "error_code": fault.status, "description": fault.description}
            if fault.parameters:
                body["parameters"] = fault.parameters
            return JSONResponse(body, status_code=fault.status)
        if method == "getUpdates":
            return await self._get_updates(parameters)
        return JSONResponse({"ok": True, "result": await self._do(method, parameters)})

    async def _do(self, method: str, parameters: dict[str, Any]) -> Any:
        self.calls.append((method, parameters))
        if method == "setWebhook":
            self.webhook, self.secret = parameters["url"], parameters.get("secret_token", "")
            self._news.set()
            return True
        if method == "deleteWebhook":
            self.webhook = ""
            return True
        if method in ("sendMessage", "editMessageText"):
            given = parameters.get("message_id")
            return {"message_id": given or next(self._ids), "date": 1, "chat": {"id": int(parameters["chat_id"]), "type": "private"}}
        if method == "createForumTopic":
            return {"message_thread_id": next(self._ids), "name": parameters["name"], "icon_color": 1}
        return True

    async def _get_updates(self, parameters: dict[str, Any]) -> Response:
        offset = parameters.get("offset")
        self.offsets.append(offset)
        if self.webhook:
            return _conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
        mine = self._poll = next(self._polls)
        self._news.set()  # an older poll wakes, and finds that it is not the latest any more
        self._confirm(offset or 0)
        if not self.updates:
            await self._wait(min(parameters.get("timeout", 0), self.longest_poll), lambda: bool(self.updates) or self._poll != mine)
        if self._poll != mine:
            return _conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
        answer = {"ok": True, "result": self.updates[: parameters.get("limit", 100)]}
        return Response(json.dumps(answer), media_type="application/json")  # as Telegram escapes: even half a character gets through

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            del self.updates[:offset]
        else:
            self.updates[:] = [u for u in self.updates if not isinstance(u.get("update_id"), int) or u["update_id"] >= offset]

    async def _wait(self, seconds: float, until: Any) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not until():
                    self._news.clear()
                    await self._news.wait()

    # ── the webhook: one update of a chat at a time, the next one when it was taken ──
    async def deliver(self) -> None:
        """Bring updates to the webhook for as long as this runs."""
        busy: set[Any] = set()
        async with httpx.AsyncClient(timeout=20.0, limits=httpx.Limits(max_connections=40)) as client, asyncio.TaskGroup() as group:
            while True:
                await self._wait(60.0, lambda: bool(self.webhook and any(_queue(u) not in busy for u in self.updates)))
                for update in list(self.updates) if self.webhook else ():
                    if _queue(update) not in busy:
                        busy.add(_queue(update))
                        group.create_task(self._bring(client, update, busy))

    async def _bring(self, client: httpx.AsyncClient, update: dict[str, Any], busy: set[Any]) -> None:
        pause = self.first_retry
        while update in self.updates and self.webhook:
            try:
                answer = await client.post(self.webhook, json=update, headers={"X-Telegram-Bot-Api-Secret-Token": self.secret})
                taken = answer.is_success
            except httpx.HTTPError:
                taken = False
            if taken:
                self.updates[:] = [u for u in self.updates if u is not update]
                break
            await asyncio.sleep(pause)
            pause = min(pause * 2, self.first_retry * 20)
        busy.discard(_queue(update))
        self._news.set()


def _conflict(why: str) -> Response:
    return JSONResponse({"ok": False, "error_code": 409, "description": f"Conflict: {why}"}, status_code=409)


def _queue(update: dict[str, Any]) -> Any:
    """The queue an update stands in: its chat for messages, its user for presses, which may overtake messages."""
    if "callback_query" in update:
        return "press", update["callback_query"].get("from", {}).get("id")
    message = update.get("message") or update.get("edited_message")
    return message["chat"]["id"] if isinstance(message, dict) and isinstance(message.get("chat"), dict) else "other"


@asynccontextmanager
async def serving(server: BotApiServer | None = None) -> AsyncIterator[BotApiServer]:
    """Run the double on a free port of this machine."""
    double = server or BotApiServer()
    app = Starlette(routes=[Route(f"/bot{TOKEN}/{{method}}", double.handle, methods=["POST", "GET"])])
    config = uvicorn.Config(app, host="127.0.0.1", port=double.port, log_config=None, access_log=False, lifespan="off")
    runner = uvicorn.Server(config)
    runner.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(runner.serve())
    webhooks = asyncio.create_task(double.deliver())
    while not runner.started:
        await asyncio.sleep(0.01)
    double.port = runner.servers[0].sockets[0].getsockname()[1]
    try:
        yield double
    finally:
        webhooks.cancel()
        await asyncio.wait([webhooks])
        runner.should_exit = True
        await task
