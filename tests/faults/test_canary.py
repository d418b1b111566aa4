"""Nothing a person says or is called reaches a log, a metric or a file in the open: canaries are sung to a real server, and none is heard."""

import asyncio
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.botapi import TOKEN, BotApiServer, Fault, serving
from tests.faults.rig import GROUP, ROOT, SECRET, free_port

WORDS = "canariword"
NAMES = ("canarifirst", "canarilast", "canariuser", "canarititle")
STAFF = ("canaristaff", "canarianswer", "canarinote")
PERSON = 710_093_377_201
CANARIES = (WORDS, *NAMES, *STAFF, "canarifile", "canaribroken", "canariphone", str(PERSON), TOKEN, TOKEN.partition(":")[2], SECRET)

pytestmark = [pytest.mark.kill, pytest.mark.timeout(180)]


def named(update: dict) -> dict:
    """The same update with everything Telegram tells of who wrote it."""
    message = update.get("message") or update["callback_query"]
    first, last, user, title = NAMES
    message["from"] |= {"first_name": first, "last_name": last, "username": user, "language_code": "fr"}
    chat = message.get("chat") or message["message"]["chat"]
    chat |= {"first_name": first, "last_name": last, "username": user, "title": title}
    return update


class Server:
    """`amana run` with debug logging, and everything it writes."""

    def __init__(self, folder: Path, double: BotApiServer) -> None:
        self.folder, self.double, self.port = folder, double, free_port()
        self.out = folder / "out.log"

    def env(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"], "AMANA_STORE": f"sqlite:///{self.folder}/data/amana.db", "AMANA_KEYS": f"{self.folder}/keys",
            "AMANA_FLOWS": str(ROOT), "AMANA_LISTEN": f"127.0.0.1:{self.port}", "AMANA_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "AMANA_LOG_LEVEL": "debug", "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": self.double.url, "TELEGRAM_WEBHOOK_SECRET": SECRET,
            "TELEGRAM_DESK_GROUP": str(GROUP),
        }  # fmt: skip

    async def start(self) -> asyncio.subprocess.Process:
        # The flows are made to crash at one word, as a bug of ours would: in the middle of a turn, with the words at hand.
        crash = (
            "import bot.conversation.turning.deeds as deeds\n"
            "real = deeds.step\n"
            "def step(program, session, event, *more, **named):\n"
            "    if getattr(event, 'text', '').startswith('crash'):\n"
            "        raise ValueError(f'{event!r} {session!r}')\n"
            "    return real(program, session, event, *more, **named)\n"
            "deeds.step = step\n"
            "from bot.cli.app import main\n"
            "main()\n"
        )
        with self.out.open("ab") as out:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-X", "dev", "-W", "ignore", "-c", crash, "run", cwd=ROOT, env=self.env(), stdout=out, stderr=out
            )

    async def push(self, update: dict) -> None:
        """Put an update in, and wait until it was confirmed and whatever it causes was done and sent."""
        self.double.push(update)
        async with asyncio.timeout(30):
            while self.double.updates or self.busy():
                await asyncio.sleep(0.02)

    def busy(self) -> bool:
        with closing(sqlite3.connect(f"file:{self.folder}/data/amana.db?mode=ro", uri=True, timeout=10)) as con:
            return bool(con.execute("SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM outbox)").fetchone()[0])

    async def press(self, key: str) -> None:
        shown = [
            b["callback_data"]
            for sent in self.double.sent(PERSON)
            for row in (sent.get("reply_markup") or {}).get("inline_keyboard", [])
            for b in row
        ]
        data = next(data for data in reversed(shown) if data.rpartition(".")[2] == key)
        await self.push(named(self.double.press(PERSON, 1, data)))

    async def say(self, text: str, **more: object) -> None:
        await self.push(named(self.double.text(PERSON, text, **more)))


async def sing(server: Server) -> None:
    """Everything a conversation may hold, and everything that may go wrong in it."""
    double = server.double
    await server.say("/start fr")
    await server.press("fr")
    await server.press("yes")
    await server.say(f"{WORDS} ma vie est longue")
    await server.say("/human")
    for key in ("worry", "DZ", "yes", "skip"):
        await server.press(key)
    await server.say(f"{WORDS} je suis la")
    topic = double.sent(GROUP)[-1]["message_thread_id"]
    await server.push(double.in_topic(GROUP, topic, f"/note {STAFF[2]}"))
    await server.push(double.in_topic(GROUP, topic, f"{STAFF[1]} bonjour"))
    await server.say(f"crash {WORDS}")
    photo = named(double.text(PERSON, ""))
    del photo["message"]["text"]
    photo["message"] |= {"photo": [{"file_id": "canarifile"}], "caption": WORDS, "contact": {"phone_number": "canariphone"}}
    await server.push(photo)
    await server.push({"update_id": 900_001, "message": {"chat": "canaribroken", "text": WORDS, "from": {"first_name": NAMES[0]}}})
    await server.push({"update_id": 900_002, "callback_query": {"data": "canaribroken"}})
    double.faults += [_fault(403, "Forbidden: bot was blocked by the user"), _fault(400, f"Bad Request: {WORDS}"), _fault(500, WORDS)]
    await server.push(double.in_topic(GROUP, topic, f"{STAFF[1]} encore"))
    await server.say(f"{WORDS} merci")


def files(folder: Path, when: str = "") -> dict[str, bytes]:
    """Every file below a folder, as bytes."""
    return {when + str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _fault(status: int, description: str) -> Fault:
    return Fault("sendMessage", status, description)


async def test_no_canary_is_in_any_output_metric_or_file(tmp_path):
    async with serving() as double:
        server = Server(tmp_path, double)
        process = await server.start()
        try:
            async with asyncio.timeout(60):
                while not double.webhook:
                    assert process.returncode is None, server.out.read_text()
                    await asyncio.sleep(0.05)
            await sing(server)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
                for body in (f'{{"update_id": 1, "{WORDS}', f'"{WORDS}"', "canaribroken"):
                    await client.post("/telegram", content=body, headers={"x-telegram-bot-api-secret-token": SECRET})
                await client.post("/telegram", content=WORDS, headers={"x-telegram-bot-api-secret-token": "canaristaff"})
                await client.get(f"/chat?q={WORDS}")
                await client.get(f"/{WORDS}")
                pages = [(await client.get(path)).text for path in ("/metrics", "/healthz", "/readyz", "/")]
            heard = files(tmp_path, "while it runs: ")
        finally:
            process.terminate()
            assert await process.wait() == 0, server.out.read_text()[-3000:]

    # The bird did sing, and every part of the service heard it.
    assert any(f"{STAFF[1]} bonjour" == sent["text"] for sent in double.sent(PERSON))
    assert "event put aside" in server.out.read_text()
    assert 'amana_poison_total{kind="ValueError"} 1.0' in pages[0]
    assert 'amana_unreadable_total{channel="telegram"}' in pages[0]

    heard |= files(tmp_path)
    heard |= {f"page {n}": page.encode() for n, page in enumerate(pages)}
    leaks = [
        (name, canary)
        for name, body in heard.items()
        for canary in CANARIES
        if canary.encode() in body or canary.encode("utf-16-le") in body
    ]
    assert leaks == []
    assert "data/amana.db" in heard
