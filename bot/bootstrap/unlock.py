"""Opening a store with its keys: they are looked at before anything is made, sealed or answered.

Rule 1: keys are made for a store that holds nothing, and for no other: one that holds something has its keys somewhere.
Rule 2: a store is opened with all keys that it needs, or not at all.
"""

from typing import Final

from bot.bootstrap.house import House
from bot.conversation.keeping.library import HEAD, IN_FORCE
from bot.privacy.seal import Tampered
from bot.storage.files import KeysRefused

OTHERS: Final = (
    "The keys in {folder} are those of another store: what is kept in this one does not open with them."
    " Set AMANA_KEYS to the folder that Amana was started with, or put back the copy of its keys. Nothing was made or changed."
)
LACKING: Final = (
    "The key folder {folder} lacks {names}, which this store needs: put back the newest copy of the keys. Nothing was made or changed."
    " What was kept under a key that was dropped cannot be opened by anyone: `amana keys` counts it."
)


async def opened(house: House, *, lacking: bool = False) -> tuple[str, ...]:
    """Open the store and its keys; gives the masters that are missing, which only with `lacking` there may be.

    Raises `KeysRefused`, `StoreTaken`, `StoreUnavailable`; nothing stays open then.
    """
    await house.store.open()
    try:
        await _unlock(house)
        missing = await house.masters.begin()
        _whole(house, () if lacking else missing)
    except BaseException:
        await house.store.close()
        raise
    return missing


async def _unlock(house: House) -> None:
    held = await house.store.note(HEAD, IN_FORCE)
    used = held is not None or bool(await house.store.people(limit=1))
    house.vault.take_up(house.keys.load() if used else house.keys.load_or_create(house.clock.now()))
    if held is not None:
        try:
            house.vault.open_note(HEAD, IN_FORCE, held.value)
        except Tampered:
            raise KeysRefused(OTHERS.format(folder=house.keys.path)) from None


def _whole(house: House, missing: tuple[str, ...]) -> None:
    if missing:
        raise KeysRefused(LACKING.format(folder=house.keys.path, names=" and ".join(f"master-{name}.key" for name in missing)))
