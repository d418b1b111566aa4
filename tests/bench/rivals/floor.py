"""The floor: an ASGI function on uvicorn, msgspec, one Redis connection that writes once a tick, an HTTP client in Rust; no framework."""

import asyncio
from collections import deque
from typing import Any
from urllib.parse import urlsplit

import hiredis
import msgspec
import uvicorn
from pyreqwest.client import ClientBuilder
from words import API, BUTTONS, DAY, HOOK, LANGUAGES, PLACES, PORT, REDIS, SECRET, TEXTS, TOKEN, number, result


class Chat(msgspec.Struct):
    id: int


class Message(msgspec.Struct):
    chat: Chat
    text: str | None = None


class Query(msgspec.Struct):
    id: str
    data: str
    message: Message


class Update(msgspec.Struct):
    update_id: int
    message: Message | None = None
    callback_query: Query | None = None


class Known(msgspec.Struct, omit_defaults=True):
    at: str
    known: dict[str, Any] = {}


update_of = msgspec.json.Decoder(Update).decode
known_of = msgspec.json.Decoder(Known).decode
to_json = msgspec.json.Encoder().encode


class Redis(asyncio.Protocol):
    """Everything asked in one tick goes out as one write."""

    def connection_made(self, transport):
        self.out, self.waiting, self.words = transport, deque(), []
        self.reader, self.loop = hiredis.Reader(), asyncio.get_running_loop()

    def ask(self, *words):
        if not self.words:
            self.loop.call_soon(self.write)
        self.words.append(hiredis.pack_command(words))
        answer = self.loop.create_future()
        self.waiting.append(answer)
        return answer

    def write(self):
        self.out.write(b"".join(self.words))
        self.words.clear()

    def data_received(self, data):
        self.reader.feed(data)
        while (answer := self.reader.gets()) is not False:
            self.waiting.popleft().set_result(answer)


def keyboard(prefix: str, rows: dict[str, str]) -> dict:
    return {"inline_keyboard": [[{"text": text, "callback_data": f"{prefix}:{key}"}] for key, text in rows.items()]}


ASKED = ("language", "agreed", "topic", "count", "either", "place", "amount", "full-name")


def question(at: str, language: str) -> dict:
    buttons = BUTTONS[language]
    rows = {
        "language": LANGUAGES, "agreed": {key: buttons[key] for key in ("agree", "refuse")},
        "topic": {key: buttons[key] for key in ("home", "work", "health")}, "either": {key: buttons[key] for key in ("yes", "no")},
        "place": PLACES[language],
    }.get(at)  # fmt: skip
    return {"text": TEXTS[language][at]} | ({"reply_markup": keyboard(at, rows)} if rows else {})


ASKS = {(at, language): question(at, language) for at in ASKED for language in TEXTS}


def step(before: Known | None, text: str | None, pressed: str | None) -> tuple[Known | None, dict | None]:
    """One answer to the next question."""
    if text == "/start":
        return Known("language"), ASKS["language", "en"]
    if before is None:
        return None, None
    at, known = before.at, before.known
    if at == "full-name":
        return None, {"text": result(known, text or "")}
    if pressed is not None:
        asked, _, value = pressed.partition(":")
        if asked != at:
            return before, None
    else:
        value = number(text, 0, 100_000)
        if value is None:
            return before, ASKS[at, known["language"]]
    known[at] = value
    then = ASKED[ASKED.index(at) + 1]
    return Known(then, known), ASKS[then, known["language"]]


class Bot:
    async def open(self):
        where = urlsplit(REDIS)
        _, self.redis = await asyncio.get_running_loop().create_connection(Redis, where.hostname, where.port)
        self.http, self.base, self.working = ClientBuilder().build(), f"{API}/bot{TOKEN}/", set()
        await self.call("setWebhook", {"url": HOOK})

    async def call(self, method, parameters):
        request = self.http.post(self.base + method).body_bytes(to_json(parameters)).header("Content-Type", "application/json").build()
        answer = await request.send()
        if answer.status != 200:
            raise RuntimeError(method)

    async def work(self, update):
        query = update.callback_query
        message = query.message if query else update.message
        beside = [asyncio.ensure_future(self.call("answerCallbackQuery", {"callback_query_id": query.id}))] if query else []
        key = b"f:%d" % message.chat.id
        kept = await self.redis.ask(b"GET", key)
        after, said = step(known_of(kept) if kept else None, None if query else message.text, query.data if query else None)
        await (self.redis.ask(b"SET", key, to_json(after), b"EX", b"%d" % DAY) if after else self.redis.ask(b"DEL", key))
        if said is not None:
            await self.call("sendMessage", {"chat_id": message.chat.id, **said})
        for call in beside:
            await call

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await self.open()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part["body"], part.get("more_body", False)
        status = 200 if (b"x-telegram-bot-api-secret-token", SECRET.encode()) in scope["headers"] else 403
        if status == 200:
            task = asyncio.ensure_future(self.work(update_of(body)))
            self.working.add(task)
            task.add_done_callback(self.working.discard)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    uvicorn.run(
        Bot(), host="127.0.0.1", port=PORT, log_level="warning", access_log=False, loop="uvloop", http="httptools", date_header=False
    )
