"""Folders on disk: the keys of this server, kept apart from its data; and flows as authors write them, read whole.

Rule 1: a key file is written once, under a name of its own, for its owner only; it is never overwritten and never logged.
Rule 2: a key folder that others can read is refused, not mended: it may have been read already.
Rule 3: of a flow folder only plain files of a known place and size are read; a link leads nowhere.
"""

import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bot.flow.bundle import NAME, OLD_NAME, Bundle, belongs
from bot.privacy.keys import DayKeys, Ring
from bot.privacy.retention import day_key_dead, day_of
from bot.privacy.seal import KEY_BYTES

LARGEST_FILE: Final = 2 * 1024 * 1024
LARGEST_FOLDER: Final = 32 * 1024 * 1024
MOST_FILES: Final = 2000
ORIGIN: Final = ".amana-revision"
"""File of a flow folder that says which revision it was made from, so that it never takes the place of one it does not know."""
_REVISION: Final = re.compile(rf"[0-9a-f]{{{OLD_NAME}}}|[0-9a-f]{{{NAME}}}")
_PLAIN_PATH: Final = re.compile(r"(?:[A-Za-z0-9@_][A-Za-z0-9@._-]*/)*[A-Za-z0-9@_][A-Za-z0-9@._-]*")
_MASTER: Final = re.compile(r"master-(\d{8}T\d{6}-[0-9a-f]{8})\.key")
_DAY: Final = re.compile(r"day-(\d{1,7})\.key")
_PUT_BACK: Final = (
    "What is in this store was sealed with keys that were kept: put back the copy of them, or set AMANA_KEYS to the folder that has them."
    " Nothing was made or changed."
)


class KeysRefused(Exception):
    """The key folder cannot be used as it is; the text is a sentence for the operator."""


class FolderRefused(Exception):
    """The flow folder cannot be read as it is; the text is a sentence that names the file."""


class KeyFolder:
    """The keys of one server in a folder of their own. `fresh`: this process made them: say once where they are.

    `trouble`: why the folder could not be looked at the last time, a sentence; empty if it could.
    """

    def __init__(self, path: Path, *, apart_from: Path | None = None) -> None:
        self.path = path
        self.fresh = False
        self.trouble = ""
        self._apart_from = apart_from
        self._loaded = False
        self._days: DayKeys | None = None

    def load(self) -> Ring:
        """Give the ring that is in the folder, and make nothing; raises `KeysRefused`."""
        self._ready_folder(make=False)
        root, masters = self.path / "root.key", self._masters()
        if not root.exists():
            if masters or any(_DAY.fullmatch(name) for name in self._names()):
                raise KeysRefused("The key folder has keys but no root.key: put back the copy that was kept of it.")
            raise KeysRefused(f"The key folder {self.path.absolute()} is empty. {_PUT_BACK}")
        if not masters:
            raise KeysRefused("The key folder has no master key: put back the copy that was kept of it. Nothing was made or changed.")
        self._loaded = True
        return Ring(_read_key(root), tuple((name, _read_key(self._file(name))) for name in masters))

    def load_or_create(self, now: float) -> Ring:
        """Give the ring, made now if the folder is empty; raises `KeysRefused`."""
        self._ready_folder(make=True)
        root = self.path / "root.key"
        if not root.exists() and not self._masters() and not any(_DAY.fullmatch(name) for name in self._names()):
            self.fresh = True
            _write_once(root, secrets.token_bytes(KEY_BYTES))
        if root.exists() and not self._masters():
            self._new_master(now)
        return self.load()

    def look(self, known: Ring) -> Ring:
        """Give the ring with the masters that are in the folder by now. What is gone from there stays known, behind the others: a file
        that was lost takes nobody's words with it as long as one process runs. What cannot be read now changes nothing (`trouble`).
        """
        try:
            masters = self._masters()
            if masters and [name for name, _ in known.masters[: len(masters)]] != masters:
                ring = self.load()
                kept = tuple(one for one in known.masters if one not in ring.masters)
                known = Ring(ring.root, ring.masters + kept) if ring.root == known.root else known
            self.trouble = "" if masters else "it has no master key any more"
        except OSError as error:
            self.trouble = f"it cannot be read ({os.strerror(error.errno or 0).lower()})"
        except KeysRefused as refused:
            self.trouble = str(refused)
        return known

    def has(self, name: str) -> bool:
        """Whether the master of this name lies in the folder."""
        return self._file(name).exists()

    def add_master(self, now: float) -> Ring:
        """Make a new master, first of the ring from now on; older ones still open what they wrapped. Raises `KeysRefused`, `OSError`."""
        self.load()
        self._new_master(now)
        return self.load()

    def drop_master(self, name: str) -> Ring:
        """Destroy an older master, once nothing is wrapped with it any more; raises `KeysRefused` for the newest or an unknown one."""
        if name not in self._masters()[1:]:
            raise KeysRefused("Only an older master key of this folder can be dropped.")
        _destroy(self._file(name))
        return self.load()

    def day_keys(self, now: float) -> DayKeys:
        """Give the daily inbox keys alive now: makes today's, destroys those that are over. Touches the disk once a day."""
        today = day_of(now)
        if self._days is None or self._days.today != today:
            self._ready_folder(make=not self._loaded)
            _write_once(self.path / f"day-{today}.key", secrets.token_bytes(KEY_BYTES))
            # A clock that leaps over whole days may be wrong: then nothing is destroyed before the next midnight or start.
            if self._days is None or today == self._days.today + 1:
                self._end_days(now)
            self._days = DayKeys(today, {day: _read_key(self.path / f"day-{day}.key") for day in self._day_numbers()})
        return self._days

    def _day_numbers(self) -> list[int]:
        return [int(found[1]) for name in self._names() if (found := _DAY.fullmatch(name))]

    def _end_days(self, now: float) -> None:
        for day in self._day_numbers():
            if day_key_dead(day, now):
                _destroy(self.path / f"day-{day}.key")

    def _file(self, master: str) -> Path:
        return self.path / f"master-{master}.key"

    def _names(self) -> list[str]:
        return [found.name for found in self.path.iterdir()]

    def _masters(self) -> list[str]:
        return sorted((found[1] for name in self._names() if (found := _MASTER.fullmatch(name))), reverse=True)

    def _new_master(self, now: float) -> None:
        # Names sort by time: one that is made while the clock is behind must still come first.
        made = datetime.fromtimestamp(now, UTC)
        for name in self._masters()[:1]:
            made = max(made, made_at(name) + timedelta(seconds=1))
        _write_once(self._file(f"{made:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"), secrets.token_bytes(KEY_BYTES))

    def _ready_folder(self, *, make: bool) -> None:
        here = self.path.absolute()
        if self._apart_from is not None and here.resolve().is_relative_to(self._apart_from.absolute().resolve()):
            raise KeysRefused("The keys must not lie in the folder of the data, where one theft takes both. Set AMANA_KEYS elsewhere.")
        if not make and not here.is_dir():
            raise KeysRefused(f"There is no key folder {here}. {_PUT_BACK}")
        try:
            here.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise KeysRefused(f"The key folder {here} cannot be made: {error.strerror}. Set AMANA_KEYS elsewhere.") from None
        _check_owner(here, "folder")


def made_at(master: str) -> datetime:
    """Give when a master was made, out of its name."""
    return datetime.strptime(master[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


class FlowFolder:
    """A folder that holds `flows/` and `locales/`, as authors write them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Bundle:
        """Give all files of a bundle that are there; raises `FolderRefused`."""
        files: dict[str, str] = {}
        size = 0
        for relative, found in _files(self.path):
            size += found.stat().st_size
            if len(files) >= MOST_FILES or size > LARGEST_FOLDER:
                raise FolderRefused(f"{self.path.name}: more than {MOST_FILES} files, or more than {LARGEST_FOLDER // 2**20} MB.")
            files[relative] = _text(found, relative)
        return Bundle(files)

    def write(self, bundle: Bundle) -> tuple[str, ...]:
        """Write a bundle out, each file whole or not at all; a file that holds the right text already, and any other, stays untouched.

        Gives the paths that were written. Raises `FolderRefused`, `OSError`.
        """
        for relative in bundle:
            if not _PLAIN_PATH.fullmatch(relative) or not belongs(relative):
                raise FolderRefused("A file of this bundle has a name that cannot be written.")
        for _ in _files(self.path):
            pass  # a link among the files is refused before anything is written through it
        written = tuple(relative for relative, text in bundle.items() if not self._holds(relative, text))
        for relative in written:
            self._put(relative, bundle[relative])
        return written

    def become(self, bundle: Bundle) -> tuple[str, ...]:
        """Write a bundle out and take away what a bundle may hold and this one does not; gives all paths that changed."""
        gone = tuple(relative for relative in self.read() if relative not in bundle)
        written = self.write(bundle)
        for relative in gone:
            (self.path / relative).unlink()
        return tuple(sorted((*written, *gone)))

    def origin(self) -> str:
        """Give the revision that this folder was made from; empty if it does not say."""
        try:
            said = (self.path / ORIGIN).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""
        return said if _REVISION.fullmatch(said) else ""

    def comes_from(self, revision: str) -> None:
        """Write down which revision this folder was made from, if it can be written to."""
        with suppress(OSError):
            self._put(ORIGIN, f"{revision}\n")

    def _holds(self, relative: str, text: str) -> bool:
        target = self.path / relative
        return target.is_file() and not target.is_symlink() and target.read_bytes() == text.encode("utf-8")

    def _put(self, relative: str, text: str) -> None:
        target = self.path / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        part.write_bytes(text.encode("utf-8"))
        part.replace(target)


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    for top in ("flows", "locales"):
        if (root / top).is_symlink():
            raise FolderRefused(f"{top}: is a link; put the folder itself here.")
        for folder, folders, names in os.walk(root / top, followlinks=False):
            folders.sort()
            links = [name for name in folders if Path(folder, name).is_symlink()]
            for name in sorted((*names, *links)):
                found = Path(folder, name)
                relative = found.relative_to(root).as_posix()
                if not name.startswith(".") and (belongs(relative) or found.is_symlink()):
                    _check_plain(found, relative)
                    yield relative, found


def _check_plain(found: Path, relative: str) -> None:
    if not _PLAIN_PATH.fullmatch(relative):
        raise FolderRefused(f"{relative!r}: use only letters without accents, digits, dots, hyphens and underscores in names.")
    seen = found.lstat()
    if not stat.S_ISREG(seen.st_mode):
        raise FolderRefused(f"{relative}: is a link or no plain file; put the file itself here.")
    if seen.st_size > LARGEST_FILE:
        raise FolderRefused(f"{relative}: is larger than {LARGEST_FILE // 2**20} MB.")


def _text(found: Path, relative: str) -> str:
    # Opened without following a link that came in between, and read to a bound.
    with os.fdopen(os.open(found, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        data = file.read(LARGEST_FILE + 1)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FolderRefused(f"{relative}: byte {error.start} is not UTF-8; save the file as UTF-8.") from None


def _check_owner(path: Path, what: str) -> None:
    seen = path.lstat()
    if stat.S_ISLNK(seen.st_mode) or seen.st_uid != os.geteuid():
        raise KeysRefused(f"The key {what} {path.name} is a link or belongs to someone else.")
    if stat.S_IMODE(seen.st_mode) & 0o077:
        mode = "700" if what == "folder" else "600"
        raise KeysRefused(
            f"Others can read the key {what} {path.name}. If nobody else has read it, run chmod {mode} on it; if not, make new keys."
        )


def _read_key(path: Path) -> bytes:
    _check_owner(path, "file")
    text = path.read_bytes()
    with suppress(ValueError):
        key = bytes.fromhex(text.decode("ascii"))
        if len(key) == KEY_BYTES:
            return key
    raise KeysRefused(f"The key file {path.name} is damaged: put back the copy that was kept of it.")


def _write_once(path: Path, key: bytes) -> None:
    """Write a key file whole, unless one of that name is already there."""
    if path.exists():
        return
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key.hex().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):  # another process was first: its key counts
        os.link(part, path)
    part.unlink()
    sync_folder(path.parent)


def _destroy(path: Path) -> None:
    with suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
