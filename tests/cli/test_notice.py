"""`amana notice`: what would not pass in a flow is not sent, and who ordered sees how it goes."""

import asyncio

import pytest
from msgspec import structs
from typer.testing import CliRunner

from bot.bootstrap.build import build_house
from bot.cli.notice import line, notices
from bot.conversation.notices.notice import Course, Order, Tally, progress
from tests.cli.test_commands import settings, start_once

run = CliRunner()
GOOD = {"fr": "Demain le bureau est fermé.", "ar": "المكتب مغلق غداً.", "en": "The office is closed tomorrow."}


def written(folder, texts):
    for language, text in texts.items():
        (folder / f"closed.{language}.txt").write_text(text, encoding="utf-8")
    return [str(folder / f"closed.{language}.txt") for language in texts]


def order_of(home):
    async def orders():
        house = build_house(settings(home), guest=True)
        await house.store.open()
        try:
            return await house.notices.book.orders()
        finally:
            await house.store.close()

    return asyncio.run(orders())


def test_an_order_is_kept_shown_paused_resumed_and_stopped(home, tmp_path):
    start_once(home)
    sent = run.invoke(notices, ["send", *written(tmp_path, GOOD), "--by", "amina", "--yes"])
    assert sent.exit_code == 0, sent.output
    (order,) = order_of(home)
    assert (order.texts, order.by, order.state) == (GOOD, "amina", "running")
    assert order.id in run.invoke(notices, ["list"]).output

    for verb, state in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        assert run.invoke(notices, [verb, order.id]).exit_code == 0
        assert order_of(home)[0].state == state
    assert run.invoke(notices, ["resume", order.id]).exit_code == 1


@pytest.mark.parametrize(
    ("language", "text", "rule"),
    [
        ("fr", "Vous êtes éligible au retour.", "never-said"),
        ("en", "IOM is closed tomorrow.", "not-neutral"),
        ("en", "One. Two. Three. Four.", "too-many-sentences"),
        ("en", "", "notice-empty"),
    ],
)
def test_what_would_not_pass_in_a_flow_is_not_sent(home, tmp_path, language, text, rule):
    start_once(home)
    result = run.invoke(notices, ["send", *written(tmp_path, {**GOOD, language: text})])

    assert result.exit_code == 1
    assert f"closed.{language}.txt:1:1: {rule}" in result.output
    assert order_of(home) == []


def test_a_language_without_a_text_stops_the_order_unless_it_is_for_the_others_only(home, tmp_path):
    start_once(home)
    files = written(tmp_path, {"fr": GOOD["fr"]})

    assert "notice-missing" in run.invoke(notices, ["send", *files]).output
    assert run.invoke(notices, ["send", *files, "--lang", "fr", "--country", "ma", "--yes"]).exit_code == 0
    (order,) = order_of(home)
    assert (order.texts, order.country) == ({"fr": GOOD["fr"]}, "MA")


@pytest.mark.parametrize("words", [["send", "nowhere.fr.txt"], ["send", "closed.txt"], ["pause", "n1"]])
def test_wrong_input_gets_a_sentence(home, words):
    start_once(home)
    result = run.invoke(notices, words)

    assert result.exit_code in (1, 2)
    assert result.output.strip()
    assert "Traceback" not in result.output


def test_the_line_of_a_notice_draws_how_far_it_is():
    order = Order(id="n1", texts=GOOD, at=1_795_000_000.0)
    standing = progress(order, Course(given=5_060, people=10_000), [Tally(waiting=60, left=500, failed=3, at=100.0)], 100.0)
    half, whole = line(standing, 30.0), line(structs.replace(standing, to_come=0, waiting=0, ended=True), 30.0)

    assert "[############............]  50 %" in half
    assert "sent 4497, waiting 60, left 500, failed 3" in half
    assert "about 2 min 46 s to go" in half
    assert "finished" in whole
    assert "[########################] 100 %" in whole
    assert "to go" not in whole


def test_without_anybody_to_ask_nothing_is_ordered(home, tmp_path):
    start_once(home)
    result = run.invoke(notices, ["send", *written(tmp_path, GOOD)])

    assert result.exit_code == 2
    assert "--yes" in result.output
    assert "There is no notice." in run.invoke(notices, ["list"]).output


def test_a_country_that_does_not_exist_is_refused(home, tmp_path):
    result = run.invoke(notices, ["send", *written(tmp_path, GOOD), "--country", "xx", "--yes"])

    assert result.exit_code == 2
    assert "two letters of a country" in result.output
