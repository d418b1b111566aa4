"""Wiring of what serves caseworkers: accounts, queue, desk, and how they are told.

Rule 1: the library of SMTP is loaded only when there is a server.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.bootstrap.system import SystemClock, chance
from bot.channels.webchat import Fetches
from bot.config import BadSettings, Settings
from bot.conversation.alerting.alarms import Alarms
from bot.conversation.alerting.letters import Letters
from bot.conversation.cases.desk import Desk
from bot.conversation.cases.presence import Presence, Way
from bot.conversation.cases.view import QueueView, Told
from bot.conversation.group.groups import Groups
from bot.conversation.keeping.envelope import Envelope, Fetched
from bot.conversation.keeping.intake import Intake
from bot.conversation.keeping.library import StoreLibrary
from bot.conversation.keeping.vault import Vault
from bot.conversation.running.bells import Changes
from bot.conversation.running.holds import Hold
from bot.conversation.staffing.attendance import Attendance
from bot.conversation.staffing.staff import StaffBook
from bot.i18n.staff import StaffTexts
from bot.ports import Store
from bot.telemetry import AlarmMetrics

if TYPE_CHECKING:
    from bot.channels.mail import Mail

LOOKING = 12.0
"""Seconds after which another process looks, if the one that did is gone."""


def mail_of(settings: Settings) -> "Mail | None":
    """Give the channel to staff by e-mail, if a server is set; raises `BadSettings`."""
    if settings.mail_server is None:
        return None
    from bot.channels.mail import BadMailServer, Mail, server_of

    try:
        return Mail(server_of(settings.mail_server.reveal()), settings.mail_from)
    except BadMailServer as bad:
        raise BadSettings([f"AMANA_MAIL_SERVER cannot be read: {bad}"]) from None


def fetches(intake: Intake, clock: SystemClock) -> Fetches:
    """Give what tells a person's case that their page has fetched a caseworker's words."""

    async def fetched(route: str, n: int, at: float) -> None:
        event = Fetched(at=clock.now(), upto=at)
        await intake.tell(intake.person("web", route), f"fetched:{route[:16]}:{n}", Envelope(event=event))

    return fetched


@dataclass(frozen=True, slots=True)
class DeskSide:
    """What serves caseworkers in one process."""

    staff: StaffBook
    attendance: Attendance
    view: QueueView
    desk: Desk
    presence: Presence
    alarms: Alarms


def desk_side(
    settings: Settings, *, store: Store, vault: Vault, library: StoreLibrary, intake: Intake, clock: SystemClock, changes: Changes,
    words: StaffTexts, told: AlarmMetrics, bugs: Told, way: Way, ring: Callable[[str], None] | None,
) -> DeskSide:  # fmt: skip
    """Wire it. `way`: shows a person of the chat page that somebody writes."""
    staff = StaffBook(store=store, vault=vault, clock=clock, chance=chance)
    view = QueueView(store=store, vault=vault, library=library, clock=clock, changes=changes, told=bugs, epoch=chance(8))
    desk = Desk(store=store, vault=vault, intake=intake, library=library, clock=clock, staff=staff)
    presence = Presence(store=store, vault=vault, clock=clock, view=view, web=way, elsewhere=ring)
    letters = Letters(
        store=store, vault=vault, staff=staff, clock=clock, chance=chance, words=words, desk=f"{settings.url}/desk", told=told,
        mail=mail_of(settings),
    )  # fmt: skip
    alarms = Alarms(
        store=store, library=library, staff=staff, desk=desk, view=view, letters=letters, clock=clock, words=words,
        language=settings.desk_language, told=told, at_desk=presence.desks.names,
        hold=None if settings.embedded else Hold(store=store, clock=clock, name="alarms", owner=chance(12), lasts=LOOKING),
    )  # fmt: skip
    groups = alarms.groups = Groups(settings.desk_groups)
    attendance = Attendance(staff=staff, library=library, clock=clock, grouped=lambda team: groups.of(team) is not None)
    return DeskSide(staff, attendance, view, desk, presence, alarms)
