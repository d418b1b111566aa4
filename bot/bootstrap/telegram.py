"""Wiring Telegram into a process that has a token.

Rule 1: loaded only when there is a token, because the client library takes longer to load than all the rest.
"""

from bot.bootstrap.house import House
from bot.bootstrap.system import chance
from bot.channels.telegram.caseworkers import Caseworkers
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.door import TelegramDoor
from bot.channels.telegram.files import TelegramFiles
from bot.channels.telegram.group import DeskGroup
from bot.channels.telegram.limits import paces
from bot.channels.telegram.moves import Moves
from bot.channels.telegram.reach import pending
from bot.channels.telegram.transport import BotApi, FastRequest
from bot.conversation.group.topicends import TopicEnds
from bot.conversation.running.holds import Hold


def add_telegram(house: House, token: str) -> None:
    """Give the process Telegram's door and channel, and the caseworkers' group if one is set."""
    settings, url = house.settings, house.settings.telegram_api_url
    bot_pace, group_pace = paces(settings.sends_per_second)
    api = BotApi(token=token, url=url, request=FastRequest())
    house.channels["telegram"] = channel = TelegramChannel(api, bot_pace)
    house.presence.ways["telegram"] = channel.show_writing
    house.media.sources["telegram"] = files = TelegramFiles(api)
    chats = {one: DeskGroup(api, Moves(store=house.store, written=one.number, key=one.key), group_pace) for one in house.groups.all}
    if chats:
        _add_groups(house, list(chats.values()))
    house.channels |= {one.channel: chat for one, chat in chats.items()}
    caseworkers = [
        Caseworkers(
            group=chat, desk=house.desk, staff=house.staff, vault=house.vault,
            state=house.sender.group(one.lane), program=house.library.current, texts=house.words,
            language=settings.desk_language, trusted=settings.desk_group_trust == "yes", groups=house.groups, key=one.key,
        )
        for one, chat in chats.items()
    ]  # fmt: skip
    house.telegram = TelegramDoor(
        api=api, polls=BotApi(token=token, url=url, request=FastRequest(seconds=40.0, connections=2)),
        intake=house.intake, clock=house.clock, caseworkers=caseworkers, told=house.metrics,
        secret=settings.telegram_webhook_secret.reveal() if settings.telegram_webhook_secret else "",
        path=settings.telegram_webhook_path, hold=_poll_hold(house), languages=lambda: house.library.current().service.languages,
    )  # fmt: skip
    if "telegram" in house.doing:
        house.watch.pending = lambda: pending(api)
    house.closers += [channel.close, house.telegram.close, files.close]


def _add_groups(house: House, chats: list[DeskGroup]) -> None:
    """Say in every group what is to be said at once, and end topics: any of them deletes any topic, whose place names its group."""

    async def announce(text: str) -> bool:
        return any([await chat.announce(text) for chat in chats])

    house.grouped, house.alarms.say = True, announce
    house.ends = TopicEnds(
        store=house.store, vault=house.vault, library=house.library, clock=house.clock, group=chats[0], trusted=house.keeper.trusted,
    )  # fmt: skip


def _poll_hold(house: House) -> Hold | None:
    """Of several processes only one may poll; with an embedded store there is only one."""
    if house.settings.embedded:
        return None
    return Hold(store=house.store, clock=house.clock, name="telegram-poll", owner=chance(12))
