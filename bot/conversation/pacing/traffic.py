"""Which lanes may send now, and how many: the paces of the channels put together. No IO; time is an input.

Rule 1: `person` and `notice` are one bot's messages and share its window; `group` has a smaller one inside it; `page` has none.
Rule 2: live words go first: notices go evenly, in what those leave, from a lane of their own; never many at once, because a crash may
repeat what is under way.
Rule 3: to a person one message is under way, whichever lane it is of; a caseworkers' group is one chat, and one call at a time. Each
group has a lane and a pace of its own.
Rule 4: while a chat is waited for, no lane of it begins.
Rule 5: a bot that is not reached holds all that it was given for seconds: some room is left for pages, which have nothing to do with it.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from bot.conversation.pacing.pace import Chats, Even, Flood, Window
from bot.ports import Channel, Pace, Person

PERSON, PAGE, NOTICE, GROUP = "person", "page", "notice", "group"
DESK = "desk"
"""The channel that the lane `group` goes through; a team's own group has `desk:TEAM` and `group:TEAM`."""
FEWEST_NOTICES, MOST_NOTICES = 8, 32
"""Notices under way at most, or waiting for their place, however slowly the channel answers: a quarter of a second's."""
FOR_PAGES = 8
A_CALL = 0.05
"""Seconds after which it is looked again whether the other lane's message to a person is still under way."""
REMEMBERED_CALLS = 32
LOOKS_AGAIN = 0.005
LOOKS = 1.0
"""Seconds after which lanes are looked at again in any case."""

NO_MORE: Mapping[str, Pace] = {}


class Traffic:
    """The lanes of one process."""

    def __init__(self, bot: Pace, group: Pace, *, since: float = 0.0, more: Mapping[str, Pace] = NO_MORE) -> None:
        self._window = Window(bot.most, bot.seconds)
        self._groups = {lane: Window(pace.most, pace.seconds) for lane, pace in {GROUP: group, **more}.items()}
        self._chats = Chats(bot.burst if bot.most else 0, bot.each)
        self._even = Even(since + bot.seconds if bot.most else since)
        self._flood = Flood()
        self._notices_at_once = min(MOST_NOTICES, max(FEWEST_NOTICES, bot.most // 4)) if bot.most else MOST_NOTICES
        self._flying = dict.fromkeys((PERSON, PAGE, NOTICE, *self._groups), 0)
        self._under_way: set[Person] = set()
        self._places: dict[Person, float] = {}
        self._going = 0  # notices that went out and are not recorded
        self._took: deque[float] = deque((0.0,), maxlen=REMEMBERED_CALLS)
        self._quiet = dict.fromkeys(self._groups, 0.0)

    def look(self, share: float, now: float) -> None:
        """Take over this process's part of the people, and ease what a flood slowed."""
        for window in (self._window, *self._groups.values()):
            window.set_share(share, now)
        if self._flood.eased(now):
            self._window.slow(self._flood.factor)

    def asks(self, now: float, room: int) -> Iterator[tuple[int, Mapping[str, int]]]:
        """Give what may be asked for now, if there is room for so many: so many rows in all, and of each lane at most so many.

        What is asked for last is counted after that which was asked for first has begun.
        """
        live = max(0, room - FOR_PAGES)
        notices = min(live, self._notices(now))
        live -= notices
        free = self._window.room(now, live)
        groups = self._of_groups(now, free)
        if free == live:
            yield room, {PERSON: live - sum(groups.values()), PAGE: room, **groups, NOTICE: notices}
            return
        if free:
            self._window.reserve(free)  # while live rows are asked for, no notice takes what they may need
            try:
                yield free, {PERSON: free, **groups}
            finally:
                self._window.reserve(-free)
        yield room, {PAGE: room, NOTICE: min(notices, self._notices(now))}

    def _of_groups(self, now: float, free: int) -> dict[str, int]:
        """Give how many rows of each group may go: one call at a time, and all together no more than are free."""
        found: dict[str, int] = {}
        for lane, window in self._groups.items():
            waits = bool(self._flying[lane]) or now < self._quiet[lane]
            found[lane] = 0 if waits else window.room(now, min(1, free - sum(found.values())))
        return found

    def _notices(self, now: float) -> int:
        """How many notices may be given a place."""
        step, free = self._window.step, self._notices_at_once - self._flying[NOTICE]
        return min(free, self._even.room(now, step)) if step else free

    def begin(self, lane: str, person: Person, now: float) -> float:
        """One row begins: gives 0; or the seconds that it cannot begin for."""
        if lane in (PERSON, NOTICE):
            if person in self._under_way:
                return A_CALL
            wait = self._chats.wait(person, now)
            if wait > 0:
                return wait
            self._chats.begin(person, now)
            self._under_way.add(person)
        self._flying[lane] = self._flying.get(lane, 0) + 1
        if lane in self._groups:
            self._groups[lane].reserve()
        elif lane == NOTICE:
            self._places[person] = self._even.place(now, self._window.step)
        if lane not in (PAGE, NOTICE):
            self._window.reserve()
        return 0.0

    def until_place(self, person: Person, now: float) -> float:
        """Give the seconds that a notice which begins waits for its place among the others."""
        return max(0.0, self._places.pop(person, now) - now)

    def full(self, now: float) -> float:
        """Give the seconds after which a notice at its place looks again whether live words have left room for it; 0: it goes."""
        step = self._window.step
        many = 1 + int(min(self._took) / step) if step and self._took else self._notices_at_once
        return 0.0 if self._going < many and self._window.room(now, 1) else LOOKS_AGAIN

    def took(self, seconds: float) -> None:
        """A notice took so long from its going out to its being recorded. Only as many are under way as the quickest makes needful."""
        self._going -= 1
        self._took.append(seconds)

    def goes(self, lane: str, now: float) -> None:
        """A row that began goes out now."""
        if lane in self._groups:
            self._groups[lane].begin(now)
        self._going += lane == NOTICE
        if lane != PAGE:
            self._window.begin(now, reserved=lane != NOTICE)

    def paced(self, lane: str) -> bool:
        """Whether this is a group's lane, and so little may go there that it matters what goes first."""
        return lane in self._groups and not self._groups[lane].free

    def more(self, lane: str, now: float) -> None:
        """What went to a group needed one message more than was begun for it."""
        if lane in self._groups:
            self._groups[lane].begin(now, reserved=False)
        self._window.begin(now, reserved=False)

    def ended(self, lane: str, person: Person) -> None:
        """One row has ended, whatever became of it."""
        self._flying[lane] -= 1
        if lane in (PERSON, NOTICE):
            self._under_way.discard(person)

    def sent(self, lane: str) -> None:
        """A message went out."""
        if lane != PAGE:
            self._flood.sent()

    def refused(self, lane: str, person: Person, seconds: float, now: float) -> None:
        """A chat said that it was too fast: nothing goes there for so long; if very many say so, everything goes slower."""
        if lane in self._groups:
            self.quiet(lane, seconds, now)
            return
        self._chats.pause(person, now + seconds, now)
        if self._flood.refused(person, now):
            self._window.slow(self._flood.factor)

    def quiet(self, lane: str, seconds: float, now: float) -> None:
        """Nothing goes to this group for so long."""
        self._quiet[lane] = max(self._quiet.get(lane, 0.0), now + seconds)

    def next(self, now: float) -> float:
        """Give the seconds until it is worth looking again, if nothing rings before."""
        groups = (*(window.next(now) for window in self._groups.values()), *(until - now for until in self._quiet.values()))
        waits = (self._window.next(now), self._even.wait(now), *groups)
        return min((wait for wait in waits if 0 < wait < LOOKS), default=LOOKS)


def traffic_of(channels: Mapping[str, Channel], now: float = 0.0, *, left: Iterable[str] = ()) -> Traffic:
    """Give the traffic of these channels, for a process that begins now. `left`: lanes that may still hold rows of groups of before."""
    groups = dict.fromkeys(left, Pace()) | {lane_of(name): channel.pace for name, channel in channels.items() if lane_of(name)}
    bot = next((channel.pace for name, channel in channels.items() if not lane_of(name) and channel.pace.most), Pace())
    return Traffic(bot, groups.pop(GROUP, Pace()), since=now, more=groups)


def lane_of(channel: str) -> str:
    """Give the lane of a group's channel; empty for any other channel."""
    name, colon, team = channel.partition(":")
    return f"{GROUP}{colon}{team}" if name == DESK else ""


def is_group(lane: str) -> bool:
    """Give whether this is the lane of a group."""
    return lane.partition(":")[0] == GROUP
