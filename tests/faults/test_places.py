"""Death at the places that only some things pass: a topic made, a message put aside, a caseworker's answer, a letter for a web page.

F1, F2: each is carried out after the next start, once, or twice where the law allows it.
"""

import re
import signal

import httpx
import pytest

from tests.faults.houses import KINDS, counts, keep_for, open_cases
from tests.faults.oracle import handoffs_lost
from tests.faults.rig import CHATS, GROUP, Child, Rig, rigged
from tests.faults.sizes import marks

LEASE = 1.0
WEB = ("webchat.before_letter", "webchat.after_letter", "storage.before_settle", "storage.after_settle", "worker.after_commit")

pytestmark = [*marks(), pytest.mark.parametrize("kind", KINDS)]


async def dies(rig: Rig, child: Child) -> Child:
    """It dies at its place, by itself; the next one starts."""
    await rig.until(child.ended.done, 20)
    await rig.kill(child, 0.0)
    return await rig.start(webhook=True)


async def test_a_topic_made_in_the_place_of_a_deleted_one_takes_what_the_person_wrote(tmp_path, kind):
    async with rigged(tmp_path, seed=104, keep=keep_for(kind, tmp_path, lease=LEASE)) as rig:
        child = await rig.start(webhook=True)
        rig.say(CHATS[0], "human")
        await rig.until(lambda: rig.double.sent(GROUP) and not rig.busy, 20)
        assert await child.end(signal.SIGTERM) == 0
        first = dict.fromkeys(rig.double.methods.topics, "deleted")
        rig.double.methods.topics.update(first)
        child = await rig.start(webhook=True, crash="sender.after_topic")
        rig.double.push(rig.double.text(CHATS[0], "more words"))
        child = await dies(rig, child)
        await rig.until(lambda: any("more words" in post["text"] for post in rig.double.sent(GROUP)), 20)
        assert await child.end(signal.SIGTERM) == 0
        [post] = [post for post in rig.double.sent(GROUP) if "more words" in post["text"]]
    assert post["message_thread_id"] not in first
    assert len(rig.double.methods.topics) == 3  # one orphan a crash


@pytest.mark.parametrize("point", ["sender.after_bound"])
async def test_a_topic_made_and_not_recorded_is_made_again_and_nobody_who_asked_is_lost(tmp_path, kind, point):
    async with rigged(tmp_path, seed=100, keep=keep_for(kind, tmp_path, lease=LEASE)) as rig:
        child = await rig.start(webhook=True, crash=point)
        for chat in CHATS[:3]:
            rig.say(chat, "human")
        child = await dies(rig, child)
        await rig.until(lambda: not rig.busy and not handoffs_lost(rig.written, rig.double.ledger, GROUP), 30)
        verdict = await rig.drain(child)
        assert await child.end(signal.SIGTERM) == 0
        assert sorted((await open_cases(rig.env())).values()) == [1, 1, 1]
    assert (verdict.lost, verdict.reordered, verdict.misdelivered) == ([], [], [])
    assert 3 <= len(rig.double.of("createForumTopic")) <= 6  # one orphan a person at most


@pytest.mark.parametrize("point", ["storage.before_aside", "storage.after_aside"])
async def test_an_event_that_changes_nothing_is_dropped_once_whenever_it_dies(tmp_path, kind, point):
    async with rigged(tmp_path, seed=101, keep=keep_for(kind, tmp_path, lease=LEASE)) as rig:
        child = await rig.start(webhook=True, crash=point)
        rig.double.push(rig.double.left(999))  # of a person whom nobody knows
        child = await dies(rig, child)
        rig.burst(16)
        verdict = await rig.drain(child)
        assert await child.end(signal.SIGTERM) == 0
        left = await counts(rig.env())
    assert (verdict.lost, verdict.reordered, verdict.misdelivered) == ([], [], [])
    assert (left.people, left.inbox, left.outbox, left.quarantine) == (len(CHATS), 0, 0, 0)


async def test_a_caseworkers_answer_that_is_kept_when_it_dies_arrives_once(tmp_path, kind):
    async with rigged(tmp_path, seed=102, keep=keep_for(kind, tmp_path, lease=LEASE)) as rig:
        child = await rig.start(webhook=True, crash="intake.after_ask")
        rig.say(CHATS[0], "human")
        await rig.until(lambda: rig.double.sent(GROUP), 20)
        topic = rig.double.sent(GROUP)[0]["message_thread_id"]
        rig.double.push(rig.double.in_topic(GROUP, topic, "salam, we are here"))
        child = await dies(rig, child)
        await rig.until(
            lambda: not rig.double.waiting and any(sent["text"] == "salam, we are here" for sent in rig.double.sent(CHATS[0])), 20
        )
        assert await child.end(signal.SIGTERM) == 0
        left = await counts(rig.env())
    assert sum(sent["text"] == "salam, we are here" for sent in rig.double.sent(CHATS[0])) == 1
    assert (left.inbox, left.outbox, left.quarantine) == (0, 0, 0)


class Page:
    """A page that sends each message until it hears that it was kept."""

    def __init__(self, port: int) -> None:
        self.client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"accept": "application/json"}, timeout=3.0)

    async def kept(self, number: int, text: str, **more: str) -> bool:
        try:
            answer = await self.client.post("/chat/say", data={"id": f"client-{number:04d}", "text": text, "lang": "en", **more})
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    async def letters(self) -> list[str]:
        """The numbers that it was told, in order."""
        try:
            answer = await self.client.get("/chat/new", params={"after": "0", "now": ""})
        except httpx.HTTPError:
            return []
        shown = "".join(letter["html"] for letter in answer.json().get("letters", ())) if answer.status_code == 200 else ""
        return re.findall(r"Got\W*(\d+)", re.sub(r"<[^>]+>", " ", shown))


@pytest.mark.parametrize("point", WEB)
async def test_what_a_page_wrote_is_answered_there_whenever_it_dies(tmp_path, kind, point):
    async with rigged(tmp_path, seed=103, keep=keep_for(kind, tmp_path, lease=LEASE)) as rig:
        child = await rig.start(webhook=True)
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 20)
        page = Page(rig.port)
        assert await page.kept(1, "", start="en")
        assert await child.end(signal.SIGTERM) == 0
        child = await rig.start(webhook=True, crash=f"{point}:2")
        told: list[str] = []

        async def until_kept(number: int, text: str) -> None:
            nonlocal child
            for _ in range(400):
                if child.ended.done():
                    child = await dies(rig, child)
                if await page.kept(number, text):
                    return
                await rig.pause()
            raise AssertionError("it was never kept")

        for number in range(2, 6):
            await until_kept(number, str(1000 + number))
        for _ in range(400):
            if child.ended.done():
                child = await dies(rig, child)
            told = await page.letters()
            if told[-1:] == ["1005"]:
                break
            await rig.pause()
        assert await child.end(signal.SIGTERM) == 0
        await page.client.aclose()
    assert rig.died == 1
    assert list(dict.fromkeys(told)) == ["1002", "1003", "1004", "1005"]
    assert len(told) <= 5
