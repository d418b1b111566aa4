"""How the address of many servers is read, and which node has which slot."""

import pytest

from bot.storage.redis.cells import SHARDS, tag_of
from bot.storage.redis.cluster import ClusterWire
from bot.storage.redis.sentinel import SentinelWire, SingleWire
from bot.storage.redis.slots import Claim, View, merged, slot_of, view_of
from bot.storage.redis.topology import BadAddress, seeds, sentinels, wire_for
from bot.storage.redis.wire import Address

HERE = Address("10.0.0.1", 7000)
NODES = """\
aaa 10.0.0.1:7000@17000,one myself,master - 0 0 5 connected 0-5461 [93-<-bbb] 9000
bbb 10.0.0.2:7000@17000,two master,fail - 1 1 2 connected 5462-8999 9001-16383
ccc 10.0.0.3:7000@17000,three slave aaa 0 1 5 connected
ddd :0@0 master,noaddr - 0 1 1 disconnected
"""


def test_sentinels_are_read_with_the_name_of_the_master() -> None:
    asked, name, data = sentinels("redis+sentinel://me:p%2F%40@one,two:7000,[::1]:7001/the-master/3")

    assert [(one.host, one.port) for one in asked] == [("one", 26379), ("two", 7000), ("::1", 7001)]
    assert (name, data.db, data.user, data.password, data.tls) == ("the-master", 3, "me", "p/@", False)


def test_a_cluster_is_read_with_and_without_tls() -> None:
    assert seeds("redis+cluster://one,two:7000/0") == [Address("one", 6379), Address("two", 7000)]
    assert seeds("rediss+cluster://:word@one") == [Address("one", 6379, password="word", tls=True)]


@pytest.mark.parametrize(
    ("url", "kind"),
    [("redis://one", SingleWire), ("rediss+sentinel://one/name", SentinelWire), ("redis+cluster://one", ClusterWire)],
)
def test_each_address_has_its_wire(url: str, kind: type) -> None:
    assert type(wire_for(url, replicas=1)) is kind


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis+sentinel://u:secret@one", "NAME"),
        ("redis+sentinel://u:secret@one/name/x", "NAME"),
        ("redis+sentinel://u:secret@one:port/name", "no number"),
        ("redis+sentinel://u:secret@/name", "comma"),
        ("redis+sentinel://u:secret@one,,two/name", "comma"),
        ("redis+cluster://u:secret@one:99999", "no number"),
        ("redis+cluster://u:secret@one/2", "no database but 0"),
    ],
)
def test_a_wrong_address_is_refused_in_words_that_do_not_tell_the_password(url: str, said: str) -> None:
    with pytest.raises(BadAddress, match=said) as refused:
        wire_for(url)
    assert "secret" not in str(refused.value)


def test_a_slot_is_that_of_redis() -> None:
    assert (slot_of("123456789"), slot_of("a:00"), slot_of("")) == (12739, 7876, 0)
    assert len({slot_of(tag_of(n)) for n in range(SHARDS)}) == SHARDS


def test_what_a_node_says_is_read() -> None:
    view = view_of(NODES, HERE)

    assert view.claims == (
        Claim(5, "aaa", "10.0.0.1", 7000, ((0, 5461), (9000, 9000))),
        Claim(2, "bbb", "10.0.0.2", 7000, ((5462, 8999), (9001, 16383))),
    )
    assert view.others == (("10.0.0.3", 7000),)


def test_over_tls_the_name_of_a_node_counts_and_a_node_without_a_name_is_where_it_was_asked() -> None:
    over_tls = view_of(NODES, Address("10.0.0.1", 7000, tls=True))
    alone = view_of("aaa :7000@17000 myself,master - 0 0 1 connected 0-16383\n", HERE)

    assert [claim.host for claim in over_tls.claims] == ["one", "two"]
    assert alone.claims[0].host == "10.0.0.1"


def test_of_two_nodes_that_claim_one_slot_the_later_elected_has_it() -> None:
    cut_off = View((Claim(1, "old", "h", 1, ((0, 99),)), Claim(2, "other", "h", 2, ((100, 16383),))), ())
    rest = View((Claim(7, "new", "h", 3, ((0, 49), (60, 99))), Claim(2, "other", "h", 2, ((100, 16383),))), ())

    assert {claim.node: claim.ranges for claim in merged([cut_off, rest])} == {
        "new": ((0, 49), (60, 99)), "old": ((50, 59),), "other": ((100, 16383),),
    }  # fmt: skip
