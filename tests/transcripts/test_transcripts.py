"""Every conversation of the project goes as written, in every language it is written for."""

from dataclasses import replace
from datetime import date

import pytest

from bot.checks.chat import run_chats
from tests.engine.real import real_files, real_program

CHATS = {path: text for path, text in real_files().items() if path.endswith(".chat")}


@pytest.mark.parametrize("path", sorted(CHATS))
def test_the_conversation_goes_as_written(path):
    results = list(run_chats(real_program(), {path: CHATS[path]}))

    assert results
    assert not [str(result) for result in results if not result.passed]


def test_no_conversation_stands_in_the_way_of_whoever_rings_a_contact():
    program = real_program()
    rung = {
        id_: replace(row, verified_on=date(2026, 11, 29), expires=date(2030, 12, 31)) for id_, row in program.directory.contacts.items()
    }
    results = run_chats(replace(program, directory=replace(program.directory, contacts=rung)), CHATS)

    assert not [str(result) for result in results if not result.passed]
