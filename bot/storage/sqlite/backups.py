"""Copies of the store: made while it is used, put back when no server uses it.

Rule 1: a copy is whole or is not there; it is readable by its owner only, and nothing that was deleted is in it.
Rule 2: a copy holds wrapped keys, not the keys: it opens only with the key folder, which is kept elsewhere.
Rule 3: nothing is ever written over: an existing file is a reason to stop.
"""

import os
import secrets
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.ports import StoreUnavailable
from bot.storage.files import sync_folder
from bot.storage.sqlite.disk import Lock, connect, make_ready
from bot.storage.sqlite.schema import bring_up


def backup(store: Path, target: Path) -> None:
    """Write the store as of now to a new file; raises `FileExistsError`, `sqlite3.Error`, `OSError`."""
    part = _new_part(target)
    try:
        # Written anew page by page from one moment's view: free pages, where deleted rows may linger, do not come along.
        with closing(connect(store)) as con:
            con.execute("VACUUM INTO ?", (str(part),))
        _publish(part, target)
    finally:
        part.unlink(missing_ok=True)


def restore(copy: Path, store: Path) -> None:
    """Put a copy in the place of a store that is not there; raises `FileExistsError`, `StoreTaken`, `StoreUnavailable` for a bad copy."""
    store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = Lock(store)
    lock.take()
    try:
        # The log of another store beside this one would be replayed into it.
        if store.with_name(f"{store.name}-wal").exists():
            raise FileExistsError(f"{store.name}-wal is already there")
        part = _new_part(store)
        try:
            with copy.open("rb") as source, part.open("wb") as target:
                shutil.copyfileobj(source, target)
            _prove(part)
            _publish(part, store)
        finally:
            for name in (part, part.with_name(f"{part.name}-wal"), part.with_name(f"{part.name}-shm")):
                name.unlink(missing_ok=True)
    finally:
        lock.drop()


def _prove(part: Path) -> None:
    make_ready(part)
    try:
        with closing(connect(part)) as con:
            if con.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                raise StoreUnavailable("This copy is damaged.")
            bring_up(con)
    except sqlite3.DatabaseError as error:
        raise StoreUnavailable("This copy is damaged, or is no store of Amana.") from error


def _new_part(target: Path) -> Path:
    if target.exists():
        raise FileExistsError(f"{target.name} is already there")
    part = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    return part


def _publish(part: Path, target: Path) -> None:
    with part.open("r+b") as file:
        os.fsync(file.fileno())
    os.link(part, target)  # fails if another file came there in between
    part.unlink()
    sync_folder(target.parent)
