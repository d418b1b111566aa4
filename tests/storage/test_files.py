"""Key folders and flow folders."""

import os
from pathlib import Path

import pytest

from bot.flow.bundle import Bundle
from bot.privacy.keys import pseudonym
from bot.privacy.seal import Bound, Tampered, key_id, seal
from bot.storage import files
from bot.storage.files import FlowFolder, FolderRefused, KeyFolder, KeysRefused

DAY = 86400.0
NOON = 20_000 * DAY + 43_200.0
AMAL = b"A" * 16


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


# ── keys ──
def test_keys_are_made_once_and_read_again(folder: Path) -> None:
    made = KeyFolder(folder)
    ring = made.load_or_create(NOON)
    read = KeyFolder(folder)

    assert (made.fresh, read.load_or_create(NOON + DAY), read.fresh) == (True, ring, False)


def test_keys_are_for_their_owner_only_whatever_the_mask(folder: Path) -> None:
    old = os.umask(0)
    try:
        keys = KeyFolder(folder)
        keys.load_or_create(NOON)
        keys.day_keys(NOON)
    finally:
        os.umask(old)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert {found.stat().st_mode & 0o777 for found in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("mode", [0o710, 0o701, 0o755])
def test_a_folder_others_can_enter_is_refused(folder: Path, mode: int) -> None:
    KeyFolder(folder).load_or_create(NOON)
    folder.chmod(mode)

    with pytest.raises(KeysRefused, match="chmod 700"):
        KeyFolder(folder).load_or_create(NOON)


def test_a_key_others_can_read_is_refused(folder: Path) -> None:
    KeyFolder(folder).load_or_create(NOON)
    (folder / "root.key").chmod(0o640)

    with pytest.raises(KeysRefused, match="chmod 600"):
        KeyFolder(folder).load_or_create(NOON)


def test_keys_are_never_made_anew_beside_keys_that_lost_their_root(folder: Path) -> None:
    KeyFolder(folder).load_or_create(NOON)
    (folder / "root.key").unlink()

    with pytest.raises(KeysRefused, match=r"no root\.key"):
        KeyFolder(folder).load_or_create(NOON)


@pytest.mark.parametrize("body", [b"", b"00", b"zz" * 32, b"\xff" * 65])
def test_a_damaged_key_is_refused_and_not_replaced(folder: Path, body: bytes) -> None:
    KeyFolder(folder).load_or_create(NOON)
    (folder / "root.key").write_bytes(body)

    with pytest.raises(KeysRefused, match="damaged"):
        KeyFolder(folder).load_or_create(NOON)
    assert (folder / "root.key").read_bytes() == body


def test_keys_may_not_lie_with_the_data(tmp_path: Path) -> None:
    for inside in (tmp_path, tmp_path / "data" / ".." / "keys"):
        with pytest.raises(KeysRefused, match="AMANA_KEYS"):
            KeyFolder(inside, apart_from=tmp_path).load_or_create(NOON)
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_no_key_folder(folder: Path, tmp_path: Path) -> None:
    KeyFolder(folder).load_or_create(NOON)
    link = tmp_path / "link"
    link.symlink_to(folder)

    with pytest.raises(KeysRefused):
        KeyFolder(link).load_or_create(NOON)


def test_nothing_of_a_key_is_in_a_representation(folder: Path) -> None:
    keys = KeyFolder(folder)
    ring, days = keys.load_or_create(NOON), keys.day_keys(NOON)
    said = repr((keys, ring, days))

    assert not [key for key in (ring.root, ring.masters[0][1], *days.keys.values()) if key.hex() in said or repr(key)[2:-1] in said]


def test_a_new_master_comes_first_and_old_ones_may_be_dropped_but_not_the_newest(folder: Path) -> None:
    keys = KeyFolder(folder)
    first = keys.load_or_create(NOON)
    second = keys.add_master(NOON + 60)
    assert second.masters[1:] == first.masters
    assert pseudonym(second, "web", "x") == pseudonym(first, "web", "x")

    with pytest.raises(KeysRefused):
        keys.drop_master(second.newest)
    assert keys.drop_master(first.newest).masters == second.masters[:1]


def test_two_processes_that_start_at_once_have_the_same_keys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = KeyFolder(folder).load_or_create(NOON)
    unhurried = Path.exists
    monkeypatch.setattr(Path, "exists", lambda self: False if self.name == "root.key" else unhurried(self))
    files._write_once(folder / "root.key", b"n" * 32)

    assert files._read_key(folder / "root.key") == other.root


def test_an_arrival_opens_today_and_tomorrow_and_then_its_key_is_destroyed(folder: Path) -> None:
    keys = KeyFolder(folder)
    keys.load_or_create(NOON)
    today = keys.day_keys(NOON)
    sealed = seal(today.inbox_key(AMAL), b"words", Bound("", "inbox", "e", 0), bytes(12))
    assert key_id(today.opening(sealed, AMAL)) == key_id(today.inbox_key(AMAL))
    tomorrow = keys.day_keys(NOON + DAY)
    assert tomorrow.opening(sealed, AMAL) == today.inbox_key(AMAL)
    assert tomorrow.inbox_key(AMAL) != today.inbox_key(AMAL)

    with pytest.raises(Tampered):
        keys.day_keys(NOON + 2 * DAY).opening(sealed, AMAL)
    assert not (folder / "day-20000.key").exists()
    with pytest.raises(Tampered):
        today.opening(sealed, b"B" * 16)


def test_keys_of_days_gone_by_are_destroyed_at_the_next_start(folder: Path) -> None:
    KeyFolder(folder).day_keys(NOON)
    KeyFolder(folder).day_keys(NOON + 30 * DAY)

    assert sorted(found.name for found in folder.iterdir()) == ["day-20030.key"]


def test_a_clock_that_leaps_destroys_no_key(folder: Path) -> None:
    keys = KeyFolder(folder)
    keys.day_keys(NOON)
    keys.day_keys(NOON + 30 * DAY)

    assert (folder / "day-20000.key").exists()
    assert keys.day_keys(NOON).today == 20000


def test_day_keys_touch_the_disk_once_a_day(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = KeyFolder(folder)
    first = keys.day_keys(NOON)
    monkeypatch.setattr(files, "_read_key", lambda _: pytest.fail("read again"))

    assert keys.day_keys(NOON + 60) is first


# ── flows ──
@pytest.fixture
def flows(tmp_path: Path) -> Path:
    (tmp_path / "flows" / "tests").mkdir(parents=True)
    (tmp_path / "locales" / "fr" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "flows" / "bot.yaml").write_text("name: أمانة\r\n", "utf-8", newline="")
    (tmp_path / "flows" / "tests" / "a.chat").write_text("> hi\n")
    (tmp_path / "locales" / "fr" / "LC_MESSAGES" / "flows.po").write_text("")
    (tmp_path / "flows" / "README.md").write_text("no part of it")
    (tmp_path / "flows" / ".bot.yaml.swp").write_bytes(b"\xff")
    return tmp_path


def test_a_flow_folder_is_read_as_it_is_and_nothing_beside(flows: Path) -> None:
    bundle = FlowFolder(flows).read()

    assert dict(bundle) == {"flows/bot.yaml": "name: أمانة\r\n", "flows/tests/a.chat": "> hi\n", "locales/fr/LC_MESSAGES/flows.po": ""}


@pytest.mark.parametrize(("said", "known"), [("a" * 16, True), ("a" * 32, True), ("a" * 20, False), ("x" * 32, False)])
def test_a_folder_says_which_revision_it_is_of_by_a_name_of_now_or_of_before(flows: Path, said: str, *, known: bool) -> None:
    FlowFolder(flows).comes_from(said)

    assert FlowFolder(flows).origin() == (said if known else "")


def test_an_empty_place_is_an_empty_bundle(tmp_path: Path) -> None:
    assert len(FlowFolder(tmp_path / "nowhere").read()) == 0


@pytest.mark.parametrize("name", ["leak.yaml", "plain.txt"])
def test_links_are_refused(flows: Path, name: str) -> None:
    (flows / "flows" / name).symlink_to("/etc/hostname")

    with pytest.raises(FolderRefused, match=name):
        FlowFolder(flows).read()


def test_linked_folders_are_refused(flows: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (flows / "locales" / "ar").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(FolderRefused, match="locales/ar"):
        FlowFolder(flows).read()
    other = tmp_path_factory.mktemp("other")
    (other / "flows").symlink_to(flows / "flows")
    with pytest.raises(FolderRefused, match="flows: is a link"):
        FlowFolder(other).read()


@pytest.mark.parametrize("name", ["two words.yaml", "a\nb.yaml", "é.yaml", "-x.yaml"])
def test_odd_names_are_refused(flows: Path, name: str) -> None:
    (flows / "flows" / name).write_text("x")

    with pytest.raises(FolderRefused, match="use only letters"):
        FlowFolder(flows).read()


def test_what_is_no_plain_file_is_refused(flows: Path) -> None:
    os.mkfifo(flows / "flows" / "pipe.yaml")

    with pytest.raises(FolderRefused, match=r"pipe\.yaml"):
        FlowFolder(flows).read()


def test_what_is_not_utf8_is_refused_with_the_place(flows: Path) -> None:
    (flows / "flows" / "latin.yaml").write_bytes(b"a: caf\xe9")

    with pytest.raises(FolderRefused, match=r"latin\.yaml: byte 6"):
        FlowFolder(flows).read()


def test_sizes_are_bounded(flows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (flows / "flows" / "big.yaml").write_text("x" * 5000)
    monkeypatch.setattr(files, "LARGEST_FILE", 4999)
    with pytest.raises(FolderRefused, match=r"big\.yaml"):
        FlowFolder(flows).read()
    monkeypatch.setattr(files, "LARGEST_FILE", 10**6)
    monkeypatch.setattr(files, "MOST_FILES", 3)
    with pytest.raises(FolderRefused, match="more than 3 files"):
        FlowFolder(flows).read()
    monkeypatch.setattr(files, "MOST_FILES", 100)
    monkeypatch.setattr(files, "LARGEST_FOLDER", 4000)
    with pytest.raises(FolderRefused):
        FlowFolder(flows).read()


def test_what_is_written_out_reads_back_the_same(flows: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    bundle = FlowFolder(flows).read()
    other = tmp_path_factory.mktemp("out")
    FlowFolder(other).write(bundle)

    assert FlowFolder(other).read() == bundle
    assert not list(other.rglob("*.part"))


def test_nothing_is_written_outside_the_folder(tmp_path: Path) -> None:
    with pytest.raises(FolderRefused):
        FlowFolder(tmp_path / "in").write(Bundle({"flows/../../out.yaml": "x"}))
    assert list(tmp_path.iterdir()) == []
