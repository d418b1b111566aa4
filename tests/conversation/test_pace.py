"""The laws of sending, as arithmetic: no window holds too many, a notice leaves room, one chat's wait is that chat's."""

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.pacing.pace import MARGIN, Chats, Even, Flood, Window
from bot.conversation.pacing.traffic import GROUP, NOTICE, PAGE, PERSON, Traffic
from bot.ports import Pace

BOT, ROOM = Pace(most=30, seconds=1.0, burst=10, each=1.0), Pace(most=20, seconds=60.0)
waits = st.lists(st.floats(0.0, 0.2), max_size=300)


def most_in(times, seconds):
    """The most that lie in any stretch of so many seconds."""
    return max((sum(1 for other in times if at <= other < at + seconds) for at in times), default=0)


@settings(deadline=None, max_examples=60)
@given(waits, st.integers(1, 40), st.sampled_from([0.5, 1.0, 2.0]))
def test_no_stretch_of_a_window_holds_more_than_it_may(steps, most, seconds):
    window, now, began = Window(most, seconds), 0.0, []
    for step in steps:
        now += step
        for _ in range(window.room(now, 5)):
            window.reserve()
            window.begin(now)
            began.append(now)

    assert most_in(began, seconds * MARGIN - 1e-6) <= most


@settings(deadline=None, max_examples=60)
@given(waits, st.integers(0, 64))
def test_processes_that_share_a_window_stay_within_it_together_while_shards_move(steps, first):
    windows, now, began = (Window(30, 1.0), Window(30, 1.0)), 0.0, []
    shares = [first / 64, 1 - first / 64]
    for n, step in enumerate(steps):
        now += step
        if n % 40 == 39:
            shares.reverse()
        for window, share in zip(windows, shares, strict=True):
            window.set_share(share, now)
            for _ in range(window.room(now, 5)):
                window.reserve()
                window.begin(now)
                began.append(now)

    assert most_in(began, 1.0) <= 30


def test_a_window_that_is_always_asked_is_used_to_95_per_cent():
    window, now, sent = Window(30, 1.0), 0.0, 0
    while now < 60.0:
        if window.room(now, 1):
            window.reserve()
            window.begin(now)
            sent += 1
        now += window.next(now) or 0.0

    assert sent >= 0.95 * 30 * 60


def test_a_window_without_a_limit_holds_any_number():
    window = Window(0, 1.0)
    for _ in range(1000):
        window.reserve()
        window.begin(1.0)

    assert window.room(1.0, 64) == 64
    assert window.next(1.0) == 0.0


def test_a_slowed_window_gives_that_part():
    window, now, sent = Window(30, 1.0), 0.0, 0
    window.slow(0.25)
    while now < 60.0:
        if window.room(now, 1):
            window.reserve()
            window.begin(now)
            sent += 1
        now += 0.01

    assert 0.9 * 7.5 * 60 <= sent <= 7.5 * 60 + 8


@settings(deadline=None, max_examples=60)
@given(waits)
def test_places_lie_apart_and_none_in_the_past(steps):
    even, now, places = Even(), 0.0, []
    for step in steps:
        now += step
        for _ in range(even.room(now, 0.1)):
            places.append(even.place(now, 0.1))
            assert now <= places[-1] <= now + 0.2

    assert all(after - before >= 0.07 - 1e-9 for before, after in pairwise(places))


def test_all_places_are_given_out_though_nobody_asks_in_time():
    even, now, given_ = Even(), 0.0, 0
    while now < 100.0:
        for _ in range(even.room(now, 0.1)):
            even.place(now, 0.1)
            given_ += 1
        now += 0.08

    assert given_ >= 999


def test_a_notice_waits_a_window_after_a_start_and_live_words_do_not():
    made = Traffic(BOT, ROOM, since=100.0)

    assert (allowed(made, 100.5, NOTICE), allowed(made, 100.5, PERSON)) == (0, 30)
    assert allowed(made, 101.0, NOTICE) > 0


@settings(deadline=None, max_examples=60)
@given(waits, st.integers(1, 10))
def test_a_chat_bears_a_burst_and_then_one_a_second(steps, burst):
    chats, now, began = Chats(burst, 1.0), 0.0, []
    for step in steps:
        now += step
        if not chats.wait(b"a", now):
            chats.begin(b"a", now)
            began.append(now)

    for seconds in (1.0, 5.0, 20.0):
        assert most_in(began, seconds) <= burst + seconds


@settings(deadline=None, max_examples=60)
@given(waits, st.floats(0.5, 5.0))
def test_in_the_wait_of_a_chat_nothing_begins_there_and_others_go_on(steps, pause):
    chats, now = Chats(10, 1.0), 0.0
    chats.pause(b"a", pause, now)
    for step in steps:
        now += step
        assert (chats.wait(b"a", now) == 0) == (now >= pause)
        assert chats.wait(b"b", now) == 0


def test_patience_is_remembered_of_no_more_chats_than_need_it():
    chats = Chats(10, 1.0)
    for n in range(20_000):
        chats.begin(n.to_bytes(16, "big"), n * 1.0)

    assert len(chats._full) < 5000


def test_many_chats_that_refuse_slow_everything_and_ten_quiet_seconds_ease_it():
    flood = Flood()
    slowed = [flood.refused(bytes([n]), 1.0 + n / 100) for n in range(5)]

    assert slowed == [False, False, False, False, True]
    assert flood.factor == 0.5
    assert not flood.eased(10.0)
    assert flood.eased(11.5)
    assert flood.factor == 0.625


def test_refusals_of_one_chat_or_of_few_among_many_slow_nobody_else():
    flood = Flood()

    assert not any(flood.refused(b"a", 1.0) for _ in range(50))
    flood = Flood()
    assert not flood.refused(b"\0", 1.0)
    for _ in range(100):
        flood.sent()
    assert not any(flood.refused(bytes([n]), 1.0) for n in range(30))


# ── the lanes together ──
def traffic(**more):
    made = Traffic(more.get("bot", BOT), more.get("group", ROOM))
    made.look(1.0, 0.0)
    return made


def allowed(made, now, lane, room=64):
    return max((min(limit, lanes.get(lane, 0)) for limit, lanes in made.asks(now, room)), default=0)


def test_when_the_bot_may_send_nothing_the_page_may():
    made = traffic()
    for n in range(30):
        assert made.begin(PERSON, bytes([n]), 1.0) == 0
        assert allowed(made, 1.0, PERSON) == 29 - n
        made.goes(PERSON, 1.0)

    assert [allowed(made, 1.0, lane) for lane in (PERSON, GROUP, PAGE)] == [0, 0, 64]
    assert made.full(1.0)
    assert allowed(made, 2.1, PERSON) == 30


def test_a_bot_that_is_not_reached_leaves_room_for_pages():
    made, room = traffic(bot=Pace(), group=Pace()), 80
    for _ in range(5):
        for _, lanes in made.asks(1.0, room):
            going = [(lane, n) for lane in (PERSON, NOTICE, GROUP) for n in range(lanes.get(lane, 0))]
            for lane, n in going:
                assert made.begin(lane, f"{lane}{room}{n}".encode(), 1.0) == 0
            room -= len(going)
    assert allowed(made, 1.0, PAGE, room) >= 8
    assert allowed(made, 1.0, PERSON, room) == 0


def test_notices_never_take_more_than_half_of_what_may_be_under_way():
    made = traffic()
    for n in range(40):
        if allowed(made, 1.0 + n, NOTICE):
            made.begin(NOTICE, bytes([n]), 1.0 + n)
            made.goes(NOTICE, 1.0 + n)
    assert allowed(made, 99.0, NOTICE) == 0
    made.ended(NOTICE, b"\0")
    assert allowed(made, 99.0, NOTICE) == 1


def test_only_as_many_notices_are_under_way_as_a_slow_channel_makes_needful():
    made = traffic()
    made.goes(NOTICE, 1.0)
    assert made.full(1.5)  # the channel is quick: one is under way, and the next one waits for its end
    for _ in range(32):
        made.took(0.1)
        made.goes(NOTICE, 1.0)
    assert not made.full(9.0)  # a tenth of a second each: at 30 a second three must be under way
    made.goes(NOTICE, 9.0)
    made.goes(NOTICE, 9.0)
    assert made.full(19.0)


def test_to_one_person_one_message_is_under_way_whichever_lane_it_is_of():
    made = traffic()
    made.begin(NOTICE, b"a", 1.0)

    assert 0 < made.begin(PERSON, b"a", 1.0) < 0.1
    made.ended(NOTICE, b"a")
    assert made.begin(PERSON, b"a", 1.1) == 0


def test_the_group_is_one_chat_one_call_at_a_time_and_twenty_a_minute():
    made, sent, now = traffic(), [], 0.0
    while now < 200.0:
        if allowed(made, now, GROUP):
            made.begin(GROUP, b"a", now)
            made.goes(GROUP, now)
            assert allowed(made, now, GROUP) == 0
            made.ended(GROUP, b"a")
            sent.append(now)
        now += 0.05

    assert most_in(sent, 60.0) == 20


def test_after_a_refusal_no_lane_of_that_chat_begins_before_its_time():
    made = traffic()
    made.refused(PERSON, b"a", 7.0, 1.0)

    assert made.begin(NOTICE, b"a", 2.0) == 6.0
    assert made.begin(PERSON, b"b", 2.0) == 0.0
    assert made.begin(PERSON, b"a", 8.0) == 0.0
    made.refused(GROUP, b"a", 7.0, 10.0)
    assert allowed(made, 16.9, GROUP) == 0
    assert allowed(made, 17.0, GROUP) == 1


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 1 << 30))
def test_live_words_wait_less_than_a_second_whatever_is_to_be_told_to_many(seed):
    """A notice without end, and live words in any order: each live word begins within the second."""
    made, now, live, began, places = traffic(), 0.0, [], [], []
    chance = random.Random(seed)
    for n in range(400):
        now += chance.uniform(0.0, 0.05)
        if chance.random() < 0.3:
            live.append((now, n))
        for limit, lanes in made.asks(now, 64):
            for _ in range(min(limit, lanes.get(PERSON, 0), len(live))):
                at, who = live.pop(0)
                assert made.begin(PERSON, who.to_bytes(16, "big"), now) == 0
                made.goes(PERSON, now)
                made.ended(PERSON, who.to_bytes(16, "big"))
                began.append(now)
                limit -= 1
                assert now - at < 1.0
            for k in range(min(limit, lanes.get(NOTICE, 0))):
                made.begin(NOTICE, f"{n}/{k}".encode(), now)
                places.append((now + made.until_place(f"{n}/{k}".encode(), now), f"{n}/{k}".encode()))

        while places and places[0][0] <= now and not made.full(now):
            made.goes(NOTICE, now)
            made.took(0.0)
            made.ended(NOTICE, places.pop(0)[1])
            began.append(now)

    assert most_in(began, 1.0) <= 30


def test_without_limits_a_pass_of_the_gate_costs_next_to_nothing():
    import time

    made = traffic(bot=Pace(), group=Pace())
    began = time.process_time()
    for _ in range(20_000):
        next(made.asks(1.0, 64))
        made.begin(PERSON, b"a" * 16, 1.0)
        made.goes(PERSON, 1.0)
        made.sent(PERSON)
        made.ended(PERSON, b"a" * 16)

    assert (time.process_time() - began) / 20_000 < 30e-6  # measured below 3 µs; a busy machine has its moments
