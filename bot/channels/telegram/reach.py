"""Questions to Telegram for whoever runs the service: does it answer, does it take the token, and how much waits there?

Rule 1: the token is in no answer of this file.
"""

from telegram.error import InvalidToken, TelegramError

from bot.channels.telegram.transport import BotApi, FastRequest


async def reach(url: str, token: str) -> str:
    """Ask Telegram once who the bot is; gives what is wrong, or nothing."""
    api = BotApi(token=token, url=url, request=FastRequest(seconds=5.0))
    try:
        await api.call("getMe")
    except InvalidToken:
        return "the token is refused: look at TELEGRAM_TOKEN"
    except TelegramError:
        return "it cannot be reached from here: look at the network and TELEGRAM_API_URL"
    finally:
        await api.close()
    return ""


async def pending(api: BotApi) -> int | None:
    """Ask Telegram once how many updates wait to be fetched or delivered; None if it does not say."""
    try:
        said = await api.call("getWebhookInfo", seconds=5.0)
    except TelegramError:
        return None
    count = said.get("pending_update_count") if isinstance(said, dict) else None
    return count if isinstance(count, int) else None
