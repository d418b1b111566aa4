"""How fast we send: windows that hold so many messages, even steps, and the patience that one chat needs. Pure; time is an input.

Rule 1: times are steady seconds and never go back; nothing here waits.
Rule 2: a limit of a channel is counted over any stretch of its length, not over calendar seconds; a margin covers what delays move.
Rule 3: what is forgotten at a restart costs at most one burst.
"""

from collections import deque

from bot.ports import Person

MARGIN = 1.03
"""A window is held this much longer than the channel's: 29.1 of 30 a second are used, and two may arrive 30 ms nearer than they left."""
REMEMBERED = 4096
"""Chats whose patience is remembered before those that need none are forgotten."""
LATE = 0.5
"""Seconds that even sending may catch up after it was late; the window holds all the same."""
APART = 0.7
"""Part of a step that lies between two at least."""
PLACES_AHEAD = 0.1
"""Seconds: to ask the store for each message by itself would take longer than the step where writing to disk is slow."""
MOMENT = 0.0005
SPAN = 2.0
"""Seconds of refusals that are looked at together."""
MANY = 5
"""Chats that refuse in that span, and no fewer refusals than messages that went out: then it is all of them that are too many."""
SLOWEST = 1 / 16
EASES_AFTER = 10.0


class Window:
    """At most `most` in any `seconds`; 0 = any number. `share`: the part of it that is ours, of several processes that share it."""

    def __init__(self, most: int, seconds: float) -> None:
        self._room, self._length = most, seconds * MARGIN
        self._whole = most, seconds * MARGIN
        self._share, self._grows = 1.0, 0.0
        self._slowed = 1.0
        self._reserved = 0
        self._began: deque[float] = deque()

    @property
    def free(self) -> bool:
        """Whether there is no limit at all."""
        return self._whole[0] == 0

    @property
    def step(self) -> float:
        """Seconds from one message to the next, when all of the window is used."""
        return self._length / self._room if self._room else 0.0

    def set_share(self, share: float, now: float) -> None:
        """Take over another part. A larger one counts only when what its former holder sent has left the window."""
        if share > self._share and now < self._grows:
            return
        if share > self._share and not self._grows:
            self._grows = now + self._whole[1]
            return
        self._share, self._grows = share, 0.0
        self._fit()

    def slow(self, factor: float) -> None:
        """Use only this part of the limit, from 0 to 1."""
        self._slowed = factor
        self._fit()

    def _fit(self) -> None:
        most, length = self._whole
        ours = most * self._share * self._slowed
        self._room = int(ours) if ours >= 1 else int(ours > 0)  # no fraction is rounded up: all processes together keep the limit
        self._length = length if ours >= 1 or not ours else length / ours

    def room(self, now: float, most: int) -> int:
        """Give how many may begin now, no more than `most`."""
        if not self._whole[0]:
            return most
        began, over = self._began, now - self._length
        while began and began[0] <= over:
            began.popleft()
        return max(0, min(most, self._room - len(began) - self._reserved))

    def next(self, now: float) -> float:
        """Give the seconds until one more may begin."""
        if self.room(now, 1):
            return 0.0
        free = self._room - self._reserved
        return max(MOMENT, self._began[-free] + self._length - now) if 0 < free <= len(self._began) else self._length

    def reserve(self, many: int = 1) -> None:
        """So many will begin in a moment; fewer than none: they will not."""
        self._reserved += many

    def begin(self, now: float, *, reserved: bool = True) -> None:
        """One begins: it counts from this moment on, however long it had to wait for it."""
        self._reserved -= reserved
        if self._whole[0]:
            self._began.append(now)


class Even:
    """One each step, so that what is sent to many does not come in heaps. What came late is made up for, at a somewhat smaller step.

    Places are given out a moment ahead: whoever has one waits for it. `since`: the first place.
    """

    def __init__(self, since: float = 0.0) -> None:
        self._next = since
        self._last = since

    def room(self, now: float, step: float) -> int:
        """Give how many places may be given out now."""
        first = max(self._next, self._last + step * APART, now)
        return 0 if first > now + PLACES_AHEAD / 2 else int((now + PLACES_AHEAD - first) / step) + 1

    def wait(self, now: float) -> float:
        """Give the seconds until more places may be given out."""
        return max(0.0, self._next - PLACES_AHEAD / 2 - now)

    def place(self, now: float, step: float) -> float:
        """Give out one place: the time of it."""
        ideal = max(self._next, now - LATE)
        at = max(ideal, self._last + step * APART, now)
        self._next, self._last = ideal + step, at
        return at


class Chats:
    """What each chat bears: `burst` at once (0: any number), then `each` a second; and silence while it was told to wait for."""

    def __init__(self, burst: int, each: float) -> None:
        self._burst = burst
        self._step = 1.0 / each
        self._slack = (burst - 1) * self._step
        self._full: dict[Person, float] = {}  # when a chat bears its whole burst again
        self._paused: dict[Person, float] = {}

    def wait(self, person: Person, now: float) -> float:
        """Give the seconds until one more may begin."""
        wait = self._paused.get(person, now) - now if self._paused else 0.0
        full = self._full.get(person)
        if full is not None and full - self._slack - now > wait:
            return full - self._slack - now
        return max(0.0, wait)

    def begin(self, person: Person, now: float) -> None:
        """One begins."""
        if not self._burst:
            return
        full = self._full.get(person, now)
        self._full[person] = max(full, now) + self._step
        if len(self._full) > REMEMBERED:
            self._full = {who: when for who, when in self._full.items() if when > now}

    def pause(self, person: Person, until: float, now: float) -> None:
        """A chat told us to wait."""
        self._paused = {who: when for who, when in self._paused.items() if when > now}
        self._paused[person] = until


class Flood:
    """Tells refusals of single chats from a refusal of all: only then everything is slowed."""

    def __init__(self) -> None:
        self.factor = 1.0
        self._since = 0.0
        self._changed = 0.0
        self._refused: set[Person] = set()
        self._refusals = self._sent = 0

    def sent(self) -> None:
        """One went out."""
        self._sent += 1

    def refused(self, person: Person, now: float) -> bool:
        """One was refused; gives whether everything has to go slower from here."""
        if now - self._since > SPAN:
            self._since, self._refused, self._refusals, self._sent = now, set(), 0, 0
        self._refused.add(person)
        self._refusals += 1
        if len(self._refused) < MANY or self._refusals < self._sent:
            return False
        self._since = -SPAN
        self._changed = now
        self.factor = max(SLOWEST, self.factor / 2)
        return True

    def eased(self, now: float) -> bool:
        """Gives whether everything may go faster again: each ten quiet seconds a quarter."""
        if self.factor == 1.0 or now - self._changed < EASES_AFTER:
            return False
        self._changed = now
        self.factor = min(1.0, self.factor * 1.25)
        return True
