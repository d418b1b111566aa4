"""A revision is kept small beside the others, and comes back exactly as it was."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.keeping.library import HEAD, IN_FORCE, REVISIONS, Deed, Head, StoreLibrary
from bot.conversation.keeping.packing import needs, packed, unpacked
from bot.conversation.keeping.vault import Vault
from bot.flow.bundle import Bundle
from bot.ports import Stale
from tests.checks.bundles import TRY, clean
from tests.fakes import Counted, FakeClock, MemoryStore
from tests.world import FakeKeys, compiled

FILES = st.dictionaries(st.sampled_from(["flows/a.yaml", "flows/b.yaml", "flows/c.yaml"]), st.text(max_size=40).filter(str.isprintable))


def library(store: MemoryStore) -> StoreLibrary:
    vault = Vault(FakeKeys(), now=store.clock.now, entropy=Counted().bytes)
    return StoreLibrary(store=store, vault=vault, clock=store.clock, compile_=compiled)


@given(FILES, FILES)
def test_what_was_packed_comes_back_exactly(one: dict[str, str], other: dict[str, str]) -> None:
    before, after = Bundle(one), Bundle(other)
    data = packed(after, before)

    assert unpacked(packed(after)) == after
    assert needs(data) in ("", before.revision)
    assert unpacked(data, "", before if needs(data) else None) == after


def test_it_is_never_guessed_what_the_rest_was() -> None:
    before, after = clean(), clean(**{"try": TRY.replace("Hello.", "Salut.")})
    data = packed(after, before)

    assert needs(data) == before.revision
    with pytest.raises(ValueError, match=before.revision):
        unpacked(data)
    with pytest.raises(ValueError, match=before.revision):
        unpacked(data, "", after)


async def test_many_small_changes_take_little_room_and_each_is_read_by_another_process() -> None:
    store = MemoryStore(FakeClock())
    writer = library(store)
    await writer.publish(clean(), by="a", why="")
    bundles = [clean(**{"try": TRY.replace("Hello.", f"Hello {n}.")}) for n in range(12)]
    for bundle in bundles:
        await writer.publish(bundle, by="a", why="")
    sizes = [len(note.value) for note in await store.notes(REVISIONS)]

    reader = library(store)
    assert await reader.refresh()
    assert reader.current().revision == bundles[-1].revision
    assert [await reader.bundle(bundle.revision) for bundle in bundles] == bundles
    assert all(reader.program(bundle.revision) is not None for bundle in bundles)
    assert sorted(sizes)[-2] * 4 < max(sizes)


async def test_revisions_of_before_keep_their_short_names_beside_new_ones() -> None:
    """A store as it was written while names had 16 digits: one revision whole, one packed against it and in force."""
    store = MemoryStore(FakeClock())
    vault = Vault(FakeKeys(), now=store.clock.now, entropy=Counted().bytes)
    whole, other = clean(), clean(**{"try": TRY.replace("Hello.", "Salut.")})
    first, second = (Bundle(dict(one), one.full[:16]) for one in (whole, other))
    for one, data in ((first, packed(first)), (second, packed(second, first))):
        assert data[:1] == (b"\x00" if one is second else b"x")
        await store.put_note(REVISIONS, one.revision, vault.seal_note(REVISIONS, one.revision, data))
    deeds = tuple(Deed(at=1.0, by="a", why="", revision=one.revision) for one in (first, second))
    head = msgspec.json.encode(Head(revision=second.revision, deeds=deeds))
    await store.put_note(HEAD, IN_FORCE, vault.seal_note(HEAD, IN_FORCE, head))

    reader = library(store)
    assert await reader.refresh()
    assert (reader.current().revision, await reader.bundle(second.revision)) == (second.revision, other)
    pinned = reader.program(first.revision)
    assert pinned is not None
    assert pinned.revision == first.revision
    newest = await reader.publish(clean(**{"try": TRY.replace("Hello.", "Ahla.")}), by="a", why="")
    assert len(newest) == 32

    again = library(store)
    assert await again.refresh()
    assert again.current().revision == newest
    assert (again.program(second.revision) is None, await again.bundle(newest) == other) == (False, False)
    await again.rollback(first.revision, by="a", why="")
    assert again.current().revision == first.revision


async def test_a_way_back_is_not_taken_over_what_nobody_saw() -> None:
    store = MemoryStore(FakeClock())
    one = library(store)
    first = await one.publish(clean(), by="a", why="")
    seen = await one.publish(clean(**{"try": TRY.replace("Hello.", "Salut.")}), by="a", why="")
    await one.publish(clean(**{"try": TRY.replace("Hello.", "Ahla.")}), by="b", why="meanwhile")

    with pytest.raises(Stale):
        await one.rollback(first, by="a", why="", onto=seen)
    await one.rollback(first, by="a", why="")
