"""How fast Telegram may be written to. Its numbers are advice, not a contract: what it says by 429 stands above them.

Rule 1: about 30 messages a second from one bot (more if it was sold: `TELEGRAM_SENDS_PER_SECOND`), 20 a minute to a group, one a second
to a person. Ten at once to a person are borne (a turn says up to four, people answer fast); they come back at one a second.
Rule 2: a server that takes more than Telegram ever sells is one of our own, and nothing is held back.
"""

from bot.ports import Pace

SOLD = 1000
"""Messages a second: the most that Telegram sells."""


def paces(a_second: int) -> tuple[Pace, Pace]:
    """Give the pace of the bot and that of its group. `a_second`: messages of the bot."""
    if a_second > SOLD:
        return Pace(), Pace()
    return Pace(most=a_second, seconds=1.0, burst=10, each=1.0), Pace(most=20, seconds=60.0)
