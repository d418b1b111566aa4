"""What whoever approves looks at, in numbers and in words, as plain values."""

import pickle

from bot.studio.drafts.parts import Crowd, Place
from bot.studio.mending.review import playable, reviewed, standing, waiting
from tests.checks.bundles import ON, TRY, clean


def test_the_numbers_are_those_of_the_lists() -> None:
    after = clean(**{"try": TRY.replace("Hello.", "Hello!")})
    numbers, review = standing(clean(), after, ON), reviewed(clean(), after, ON)

    assert (numbers.changes, numbers.errors, numbers.warnings) == (1, 1, 0)
    assert (len(review.changes), len(review.problems)) == (1, 1)


def test_a_review_can_be_sent_to_another_process() -> None:
    review = reviewed(clean(), clean(**{"try": TRY.replace("Hello.", "Hello!")}), ON)

    assert pickle.loads(pickle.dumps(review)) == review


def test_what_has_no_program_cannot_be_played() -> None:
    assert playable(clean())
    assert not playable(clean(**{"try": TRY.replace("say: hello", "sya: hello")}))


def test_places_are_named() -> None:
    crowd = Crowd("r", 42, (Place("try", "hello", 30), Place("try", "", 0, held=True), Place("", "", 12)))

    told = waiting(clean(), crowd)

    assert [one.place.id for one in told] == ["explain.place.step", "revisions.place.flow", "revisions.place.none"]
    assert [(one.people, one.held) for one in told] == [(30, False), (0, True), (12, False)]
