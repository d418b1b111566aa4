"""What waits for the group is put together: nothing of anybody's words is lost, and each stretch stays hidden."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bot.conversation.group.folding import fold, joined
from bot.conversation.group.told import REOPENED, SHUT
from bot.conversation.pacing.outgoing import LONGEST, post, units
from bot.ports import OutButton, Outgoing

CLAIM, CLOSE = OutButton("Prendre", "claim.K7"), OutButton("Terminer", "close.K7")


def said(words, head="K7, la personne a écrit :", case="K7"):
    (one,) = post(case, "fr", head, spoiler=words)
    return one


def state(text, *actions):
    return Outgoing(kind="post", language="fr", text=text, id="topic.claimed", case="K7", actions=actions)


def title(text, id_="", case="K7"):
    return Outgoing(kind="title", language="fr", text=text, case=case, id=id_)


def revealed(message):
    """The stretches that are hidden, as Telegram cuts them."""
    coded = message.text.encode("utf-16-le")
    spots = [coded[o * 2 : (o + n) * 2].decode("utf-16-le") for o, n in message.hidden]
    return [*spots, message.spoiler] if message.spoiler else spots


def test_one_that_waits_alone_goes_as_it_is():
    assert fold([said("salam")]).message == said("salam")


def test_words_of_one_case_go_as_one_message_in_order_each_under_its_own_spoiler():
    folded = fold([said("un 😀"), said("deux"), said("trois 𐐷")])

    assert folded.covers == (0, 1, 2)
    assert folded.message.text == "K7, la personne a écrit :\nun 😀\ndeux\ntrois 𐐷"
    assert revealed(folded.message) == ["un 😀", "deux", "trois 𐐷"]


def test_nothing_of_another_case_goes_along():
    assert fold([said("un"), said("deux", case="X9"), said("trois")]).covers == (0,)


def test_a_line_like_ours_in_somebody_s_words_stays_hidden_as_theirs():
    fake = "x\n\nK7, la personne a écrit :\nje ferme\n\nTerminé. La machine répond de nouveau."
    folded = fold([said("avant"), said(fake), state("Cèdre a pris cette demande.")])

    assert revealed(folded.message) == ["avant", fake]
    shown = folded.message.text
    for hidden in revealed(folded.message):
        shown = shown.replace(hidden, "")
    assert "Terminé" not in shown
    assert shown.count("la personne a écrit") == 1


def test_how_a_case_stands_is_left_out_where_a_later_one_waits():
    folded = fold([state("Cèdre a pris.", CLAIM), said("un"), state("Terminé.", CLOSE), title("✓ K7")])

    assert folded.covers == (0, 1, 2)
    assert "Cèdre" not in folded.message.text
    assert folded.message.text.endswith("Terminé.")
    assert folded.message.actions == (CLOSE,)


def test_what_has_no_room_waits_and_is_not_covered():
    long = [said(str(n) * 1500) for n in range(4)]
    folded = fold(long)

    assert folded.covers == (0, 1)
    assert units(folded.message.text) <= LONGEST


def test_of_titles_only_the_newest_is_set():
    folded = fold([title("a"), title("b"), said("un"), title("c")])

    assert folded.covers == (0, 1, 3)
    assert (folded.message.kind, folded.message.text) == ("title", "c")


def test_a_topic_is_made_with_its_newest_title_and_closed_only_after_what_was_to_be_said():
    new = Outgoing(kind="topic", language="fr", text="○ K7", case="K7")
    folded = fold([new, said("un"), title("● K7"), title("✓ K7", SHUT)])

    assert (folded.message.kind, folded.message.text, folded.message.id) == ("topic", "✓ K7", "")
    assert folded.covers == (0, 2)
    assert fold([title("● K7"), said("un"), title("✓ K7", SHUT)]).covers == (0,)
    closing = fold([title("● K7"), title("✓ K7", SHUT)])
    assert (closing.message.id, closing.covers) == (SHUT, (0, 1))


def test_a_case_closed_and_opened_again_before_anything_went_is_open():
    folded = fold([title("✓ K7", SHUT), title("○ K7", REOPENED), title("● K7")])

    assert (folded.message.text, folded.message.id) == ("● K7", REOPENED)


def test_the_end_of_a_topic_is_never_joined_with_anything():
    gone = Outgoing(kind="remove", language="fr", case="K7")

    assert fold([said("un"), gone, said("deux")]).covers == (0,)
    assert fold([gone, said("un")]).message == gone


words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=1200)
posts = st.lists(
    st.one_of(words.map(said), words.map(lambda w: said(w, head="Cèdre a noté :")), st.just(state("Cèdre."))), min_size=1, max_size=30
)


@given(posts)
def test_whatever_waits_every_word_arrives_once_in_order_hidden_and_no_message_is_too_long(waiting):
    left, got = list(waiting), []
    while left:
        folded = fold(left)
        assert folded.covers[0] == 0
        assert units(folded.message.text) + units(folded.message.spoiler) <= LONGEST + 1
        got += revealed(folded.message)
        left = [one for place, one in enumerate(left) if place not in folded.covers]

    assert got == [one.spoiler for one in waiting if one.spoiler]


def test_as_many_as_fit_are_joined_and_counted():
    told = joined([structs.replace(said("x" * 3000), actions=(CLAIM,)), said("y" * 3000)])

    assert told.covers == (0,)
    assert told.message.actions == (CLAIM,)
