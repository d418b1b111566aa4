"""The order of inboxes, when rows are heard of late; and how much is where."""

from bot.storage.queues import Inboxes, Lanes

AMAL, BILAL = b"A" * 16, b"B" * 16


def worked(inboxes: Inboxes) -> list[int]:
    """Work everything, one after the other."""
    done = []
    while (head := inboxes.give()) is not None:
        done.append(head[0])
        inboxes.gone(*head)
    return done


def test_a_row_heard_of_late_is_worked_before_those_that_came_after_it() -> None:
    inboxes = Inboxes()
    inboxes.arrived([(5, AMAL), (7, BILAL)])
    inboxes.arrived([(3, AMAL)])
    inboxes.arrived([(4, AMAL), (9, AMAL), (6, AMAL)])

    assert worked(inboxes) == [3, 4, 5, 6, 7, 9]


def test_a_row_heard_of_too_late_comes_right_after_the_one_in_hand() -> None:
    inboxes = Inboxes()
    inboxes.arrived([(5, AMAL), (8, AMAL)])
    head = inboxes.give()
    assert head == (5, AMAL)
    inboxes.arrived([(3, AMAL), (6, AMAL)])
    assert inboxes.give() is None
    inboxes.gone(5, AMAL)

    assert worked(inboxes) == [3, 6, 8]


def test_a_lone_row_in_hand_lets_a_late_one_follow() -> None:
    inboxes = Inboxes()
    inboxes.arrived([(5, AMAL)])
    inboxes.give()
    inboxes.arrived([(3, AMAL)])
    inboxes.back(5)

    assert sorted(worked(inboxes)) == [3, 5]


def test_rows_in_hand_and_persons_who_wait_are_counted() -> None:
    inboxes = Inboxes()
    inboxes.arrived([(1, AMAL), (2, AMAL), (3, BILAL)])
    inboxes.give()

    assert inboxes.sizes() == (2, 1)


def test_a_lane_is_ready_in_flight_or_resting() -> None:
    lanes = Lanes()
    rows = [(1, AMAL, "person", 10.0, 1, 0), (2, AMAL, "person", 10.0, 1, 0), (3, BILAL, "person", 10.0, 1, 0)]
    lanes.arrived([*rows, (4, BILAL, "group", 99.0, 1, 1)])
    assert lanes.sizes(10.0) == {"person": (2, 0, 0), "group": (0, 0, 1)}

    seq, lane = lanes.give(10.0) or (0, (AMAL, ""))
    lanes.flies(lane, "row")
    assert lanes.sizes(10.0) == {"person": (1, 1, 0), "group": (0, 0, 1)}

    lanes.again(seq, lane, 40.0)
    lanes.lands(lane[0], "row")
    assert lanes.sizes(10.0) == {"person": (1, 0, 1), "group": (0, 0, 1)}
    assert lanes.sizes(100.0) == {"person": (2, 0, 0), "group": (1, 0, 0)}
