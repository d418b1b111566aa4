"""The file of the store: made for its owner only, opened with the settings that keep what was promised, owned by one server.

Rule 1: WAL with synchronous=FULL: what was committed is on disk. secure_delete and temp_store=MEMORY: what was deleted is overwritten,
and no page is ever written to a temporary file.
Rule 2: the owner holds a lock on a file beside the store; the system drops it when the process dies, however it dies.
"""

import fcntl
import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from bot.ports import StoreTaken, StoreUnavailable
from bot.storage.files import sync_folder
from bot.storage.vitals import Health

BUSY_MS: Final = 5000
_SETTINGS: Final = (
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA cache_size=-16000",
    "PRAGMA journal_size_limit=67108864",
)
_FOREIGN_DISKS: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs"})


class Lock:
    """Ownership of a store by one server process."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f"{path.name}-lock")
        self._handle: int | None = None

    def take(self) -> None:
        """Own the store; raises `StoreTaken` if another process does."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise StoreTaken("Another Amana server is using this store. Stop it first, or give this one a store of its own.") from None
        self._handle = handle

    def drop(self) -> None:
        """Own it no more. The file stays: removing it could let two processes hold two locks of one name."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def stands(path: Path) -> Health:
    """Give how large the file is with its log, and how much room its disk has."""
    log = path.with_name(f"{path.name}-wal")
    used = sum(one.stat().st_size for one in (path, log) if one.exists())
    return Health(used=used, free=shutil.disk_usage(path.parent).free)


def make_ready(path: Path) -> None:
    """Create folder and file for the owner only, and close an existing file to others. Raises `StoreUnavailable` on a network disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _disk_kind(path.parent) in _FOREIGN_DISKS:
        raise StoreUnavailable("The store cannot lie on a network disk: its locks and writes are not sure there.")
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        sync_folder(path.parent)
    for name in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        with suppress(FileNotFoundError):
            name.chmod(0o600)


def connect(path: Path, *, moves: bool = True) -> sqlite3.Connection:
    """Open a connection with the settings of rule 1; it must exist already. `moves`: it moves a long log itself, while its write waits.

    Raises `sqlite3.Error`.
    """
    uri = f"{path.absolute().as_uri()}?mode=rw"
    con = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256)
    try:
        _set(con)
        if not moves:
            con.execute("PRAGMA wal_autocheckpoint=0").fetchall()
    except BaseException:
        con.close()
        raise
    return con


def _set(con: sqlite3.Connection) -> None:
    for setting in _SETTINGS:
        con.execute(setting).fetchall()
    if con.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        raise StoreUnavailable("This disk cannot hold the store: it has no shared memory for its log.")


def truncate_log(con: sqlite3.Connection) -> bool:
    """Move the log into the file and cut it to nothing, so that deleted bytes are in neither; False if a reader stands in the way."""
    con.execute("PRAGMA busy_timeout=50")
    try:
        return not con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        con.execute(f"PRAGMA busy_timeout={BUSY_MS}")


def _disk_kind(folder: Path) -> str:
    """The file system under a folder as the system names it, or an empty word where it does not say."""
    try:
        mounts = Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    here, kind, longest = folder.resolve(), "", -1
    for line in mounts:
        point, found = line.split(" ")[1:3]
        where = point.replace("\\040", " ")
        if here.is_relative_to(where) and len(where) >= longest:
            kind, longest = found, len(where)
    return kind
