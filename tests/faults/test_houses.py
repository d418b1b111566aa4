"""The server that the faults are made with answers, keeps what it was told when it is killed, and can be started again."""

import signal

from tests.faults.houses import ServerKeep
from tests.faults.table import table


async def test_what_the_server_was_told_is_there_after_a_kill(tmp_path):
    keep = ServerKeep(tmp_path)
    await keep.start()
    try:
        assert await keep.ask("SET", "a", "b") == "OK"
        await keep.end(signal.SIGKILL)
        assert await keep.ask("PING") == ""
        await keep.start()
        assert await keep.ask("EXISTS", "a") == ":1"
        assert await keep.ask("CONFIG", "SET", "maxmemory", "1") == "OK"
        assert (await keep.ask("SET", "a", "c")).startswith("-OOM")
    finally:
        await keep.stop()


def test_a_table_stands_under_itself():
    assert table([("lost", 0), ("repeated", "0.50")]) == "  lost                 0\n  repeated          0.50"
