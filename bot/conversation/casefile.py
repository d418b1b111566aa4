"""What is sealed of a case, opened: its file, and the place of its topic in the caseworkers' group.

Rule 1: a case opens with its own keys only; whoever reads one reads it here.
"""

from bot.conversation.envelope import CaseFile, file_from
from bot.conversation.vault import Vault
from bot.ports import CaseRecord


def file_of(vault: Vault, record: CaseRecord) -> CaseFile:
    """Give a case's file; raises `Tampered`."""
    code = record.index.code
    return file_from(vault.open(vault.case_keys(code, record.wraps), record.sealed, kind="case", row=code, version=record.version))


def place_of(vault: Vault, record: CaseRecord) -> str:
    """Give the place of a case's topic, empty if it has none; raises `Tampered`."""
    if record.topic is None:
        return ""
    code = record.index.code
    return vault.open(vault.case_keys(code, record.wraps), record.topic, kind="topic", row=code, version=0).decode()
