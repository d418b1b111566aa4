"""What lies packed in Redis opens in later versions too."""

import msgspec

from bot.storage.redis.cells import CaseRow, case_bytes, case_from, index_from, pack

OLD = {"code": "C", "team": "t", "urgency": "high", "state": "waiting", "since": 1000.5, "language": "fr", "claimant": None, "unread": 2}


def old(**more):
    return msgspec.msgpack.encode({**OLD, "unwritten": False, **more})


def test_an_index_of_before_has_waited_since_it_was_opened():
    assert index_from(old()).asked == 1000.5
    assert index_from(old(state="claimed")).asked == 0.0
    assert index_from(old(unwritten=True)).asked == 0.0


def test_a_case_of_before_opens_and_one_of_today_says_itself_that_nobody_waits():
    row = [msgspec.msgpack.decode(old()), b"p", [], b"", None, None, None, 0]
    version, found = case_from((3).to_bytes(4, "big") + msgspec.msgpack.encode(row))
    assert (version, found.index.asked, found.index.tags) == (3, 1000.5, ())

    today = CaseRow(msgspec.structs.replace(found.index, asked=0.0), b"p", (), b"", None, None, None, 0)
    assert case_from(case_bytes(4, today))[1].index.asked == 0.0
    assert index_from(pack(today.index)).asked == 0.0
