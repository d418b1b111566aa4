"""What is sealed of a case, opened: its file, and the place of its topic in the caseworkers' group.

Rule 1: a case opens with its own keys only; whoever reads one reads it here.
"""

from contextlib import suppress
from typing import TypeAlias

import msgspec
from msgspec import structs

from bot.conversation.keeping.envelope import CaseFile, file_from
from bot.conversation.keeping.vault import Tampered, Vault
from bot.engine.effects import OpenCase
from bot.i18n.values import Text, Value
from bot.ports import CaseRecord

Fields: TypeAlias = tuple[tuple[Text, Value], ...]
"""What was consented: labels and values."""


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


def places_of(vault: Vault, record: CaseRecord) -> list[str]:
    """Give the places of a case's topic (empty if it has none) and of those it left in other groups; raises `Tampered`."""
    left: tuple[str, ...] = ()
    with suppress(Tampered, msgspec.DecodeError, msgspec.ValidationError):  # of a damaged file nobody knows; each topic has a note as well
        left = file_of(vault, record).left_topics
    return list(dict.fromkeys((place_of(vault, record), *left)))


def bare(file: CaseFile, *, hidden: int) -> CaseFile:
    """Give the file as it is for who may see nothing of before: of so many entries, and of what was shared.

    When it is safe to write goes along: whoever writes next must not put the person in danger.
    """
    return CaseFile(
        opened_at=file.opened_at,
        entries=file.entries,
        left=file.left,
        country=file.country,
        hidden=hidden,
        channel=file.channel,
        safe_hours=file.safe_hours,
        left_topics=file.left_topics,
    )


def shared(file: CaseFile, order: OpenCase, fields: Fields) -> CaseFile:
    """Give the file with what a handoff shares."""
    return structs.replace(
        file,
        fields=fields,
        safe_hours=order.safe_hours or file.safe_hours,
        country=order.country or file.country,
        need=order.need or file.need,
        withheld=order.withheld,
        phrase=order.phrase or file.phrase,
        way=order.way if order.way is not None else file.way,
    )


def merged(old: Fields, new: Fields) -> Fields:
    """Give fields by their label, the newer value winning."""
    return tuple({label.id: (label, value) for label, value in (*old, *new)}.values())


def face(file: CaseFile) -> tuple[object, ...]:
    """Give what a queue shows of the file."""
    return file.need, file.country, file.safe_hours
