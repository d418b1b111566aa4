"""The oracle sees what it is there to see."""

import pytest

from tests.botapi.server import Asked
from tests.faults.oracle import busiest, handoffs_lost, judge

WRITTEN = {1: ["hello", "10", "12"], 2: ["hello", "11", "human"]}
FIRST = ["A number?", "Got \u206610\u2069.", "A number?", "Got 12.", "A number?"]
SECOND = ["A number?", "Got 11.", "A number?", "The team has your request.\nMore.", "We were here.", "A number?"]


def said(chat, texts):
    return [("sendMessage", {"chat_id": str(chat), "text": text}) for text in texts]


def without(texts, n):
    return [*texts[:n], *texts[n + 1 :]]


def test_a_faithful_service_has_nothing_against_it():
    verdict = judge(WRITTEN, said(1, FIRST) + said(2, SECOND))

    assert (verdict.lost, verdict.reordered, verdict.misdelivered, verdict.repeated, verdict.replies) == ([], [], [], {}, 11)


@pytest.mark.parametrize("n", range(len(FIRST)))
def test_each_missing_reply_is_noticed(n):
    verdict = judge(WRITTEN, said(1, without(FIRST, n)) + said(2, SECOND))

    assert verdict.lost or verdict.reordered


def test_a_missing_token_is_named():
    assert (1, "12") in judge(WRITTEN, said(1, FIRST[:3]) + said(2, SECOND)).lost


@pytest.mark.parametrize("n", range(len(FIRST)))
def test_each_reply_sent_twice_is_one_repetition(n):
    verdict = judge(WRITTEN, said(1, [*FIRST[: n + 1], *FIRST[n:]]) + said(2, SECOND))

    assert verdict.repeated == {(1, 0): 1}
    assert not verdict.lost
    assert not verdict.reordered


def test_a_repetition_belongs_to_the_kill_before_it():
    calls = said(1, [FIRST[0], *FIRST[:2], *FIRST[1:]]) + said(2, SECOND)

    assert judge(WRITTEN, calls, kills=[1, 3]).repeated == {(1, 1): 1, (1, 2): 1}


def test_a_later_repetition_is_out_of_order():
    assert judge(WRITTEN, said(1, [*FIRST, FIRST[1]]) + said(2, SECOND)).reordered == [(1, "10")]


def test_two_replies_the_wrong_way_round_are_out_of_order():
    assert judge(WRITTEN, said(1, [FIRST[0], FIRST[3], FIRST[2], FIRST[1], FIRST[4]]) + said(2, SECOND)).reordered


def test_a_reply_to_another_person_is_misdelivered():
    assert judge(WRITTEN, said(1, [*FIRST, "Got 11."]) + said(2, SECOND)).misdelivered == [(1, "11")]


def test_words_nobody_should_say_are_misdelivered():
    assert len(judge(WRITTEN, said(1, [*FIRST, "Something else"]) + said(2, SECOND)).misdelivered) == 1


def desk(*names, post=True, executed=1.0):
    calls = []
    for n, name in enumerate(names):
        calls.append(Asked("createForumTopic", {"chat_id": -1, "name": name}, 1.0, executed, result={"message_thread_id": n}))
        if post:
            calls.append(Asked("sendMessage", {"chat_id": -1, "message_thread_id": n, "text": "?"}, 1.0, executed))
    return calls


def test_a_handoff_is_a_topic_of_its_own_that_was_posted_in():
    asking = {1: ["human"], 2: ["10", "human"], 3: ["11"]}

    assert handoffs_lost(asking, desk("A", "B"), -1) == 0
    assert handoffs_lost(asking, desk("A", "B", "B"), -1) == 0
    assert handoffs_lost(asking, desk("A", "A"), -1) == 1
    assert handoffs_lost(asking, desk("A"), -1) == 1
    assert handoffs_lost(asking, desk("A", "B", post=False), -1) == 2
    assert handoffs_lost(asking, desk("A", "B", executed=None), -1) == 2
    assert handoffs_lost(asking, desk("A", "B"), -2) == 2


def test_the_busiest_second_is_any_second():
    assert busiest([0.0, 0.5, 0.99, 1.4, 1.49, 3.0], 1.0) == 4
    assert busiest([], 1.0) == 0
