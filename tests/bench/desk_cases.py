"""Open cases by the thousand, as handoffs leave them."""

import asyncio
import random
from contextlib import suppress

from bot.bootstrap.house import House
from bot.bootstrap.system import entropy
from bot.conversation.keeping.envelope import CaseFile, to_bytes
from bot.conversation.running.patience import until_up
from bot.i18n.values import Text
from bot.ports import AlreadySeen, CaseIndex, CaseWrite, Commit

TEAMS = ("protection", "child-protection", "return-desk")
NEEDS = ("return", "work", "medical", "danger", "person")
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


async def opened(house: House, cases: int, seed: int = 4) -> None:
    """Open so many cases."""
    draw = random.Random(seed)
    for first in range(0, cases, 200):
        commits = [a_case(house, n, draw) for n in range(first, min(first + 200, cases))]
        await asyncio.gather(*(_landed(house, commit) for commit in commits))


async def _landed(house: House, commit: Commit) -> None:
    with suppress(AlreadySeen):  # tried again
        await until_up(lambda: house.store.commit(commit))


def a_case(house: House, n: int, draw: random.Random) -> Commit:
    """The commit of one more open case, as a handoff leaves it; one in three is with a caseworker, one in fifty in danger."""
    code = "".join(draw.choice(_LETTERS) for _ in range(3)) + f"-{_LETTERS[n >> 10 & 31]}{_LETTERS[n >> 5 & 31]}{_LETTERS[n & 31]}"
    person, now = entropy(16), house.clock.now()
    since = now - draw.expovariate(1 / (6 * 3600.0))
    claimed = draw.random() < 1 / 3
    index = CaseIndex(
        code, draw.choice(TEAMS), "now" if draw.random() < 0.02 else draw.choice(("normal", "high")), "claimed" if claimed else "waiting", since,
        draw.choice(("ar", "fr", "en")), claimant=f"Cèdre {n % 40 + 2}" if claimed else None, unread=draw.choice((0, 0, 1, 3)),
    )  # fmt: skip
    keys = house.vault.new_case_keys(code)
    file = CaseFile(
        fields=((Text("bench"), draw.choice(NEEDS)),), safe_hours=("morning", "evening"), opened_at=since, country=draw.choice(("DZ", "MA"))
    )
    sealed = house.vault.seal(keys, to_bytes(file), kind="case", row=code, version=1)
    mine = house.vault.new_person_keys(person.hex())
    case = CaseWrite(index=index, wraps=keys.wraps, sealed=sealed, version=0)
    return Commit(person=person, version=0, event=f"bench:{n}", taken=None, wraps=mine.wraps, case=case, expires=now + 86400)
