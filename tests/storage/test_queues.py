"""The order of inboxes, when rows are heard of late."""

from bot.storage.queues import Inboxes

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
