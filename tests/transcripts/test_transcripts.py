"""Every conversation of the project goes as written, in every language it is written for."""

import pytest

from bot.checks.chat import run_chats
from tests.engine.real import real_files, real_program

CHATS = {path: text for path, text in real_files().items() if path.endswith(".chat")}


@pytest.mark.parametrize("path", sorted(CHATS))
def test_the_conversation_goes_as_written(path):
    results = list(run_chats(real_program(), {path: CHATS[path]}))

    assert results
    assert not [str(result) for result in results if not result.passed]
