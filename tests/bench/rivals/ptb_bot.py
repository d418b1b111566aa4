"""python-telegram-bot: a ConversationHandler, a persistence class over Redis, saved at every update and not only once a minute."""

import json
import logging

import redis.asyncio as redis
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    BasePersistence,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PersistenceInput,
    filters,
)
from words import API, BUTTONS, DAY, HOOK, LANGUAGES, PLACES, PORT, REDIS, SECRET, TEXTS, TOKEN, number, result

logging.basicConfig(level=logging.WARNING)
LANGUAGE, AGREED, TOPIC, COUNT, EITHER, PLACE, AMOUNT, NAME = range(8)
Context = ContextTypes.DEFAULT_TYPE


class RedisPersistence(BasePersistence):
    """What each person said in a key of their own; where each stands in one hash."""

    def __init__(self) -> None:
        super().__init__(store_data=PersistenceInput(bot_data=False, chat_data=False, callback_data=False))
        self.redis = redis.from_url(REDIS)

    async def get_user_data(self):
        found = {}
        async for key in self.redis.scan_iter("p:*"):
            found[int(key[2:])] = json.loads(await self.redis.get(key))
        return found

    async def update_user_data(self, user_id, data):
        await self.redis.set(f"p:{user_id}", json.dumps(data), ex=DAY) if data else await self.redis.delete(f"p:{user_id}")

    async def get_conversations(self, name):
        return {tuple(json.loads(key)): json.loads(state) for key, state in (await self.redis.hgetall(name)).items()}

    async def update_conversation(self, name, key, new_state):
        field = json.dumps(key)
        await (self.redis.hdel(name, field) if new_state is None else self.redis.hset(name, field, json.dumps(new_state)))

    async def drop_user_data(self, user_id):
        await self.redis.delete(f"p:{user_id}")

    async def flush(self):
        await self.redis.aclose()

    async def get_chat_data(self):
        return {}

    async def get_bot_data(self):
        return {}

    async def get_callback_data(self):
        return None

    async def _nothing(self, *_args, **_named):
        return None

    update_chat_data = update_bot_data = update_callback_data = _nothing
    drop_chat_data = refresh_user_data = refresh_chat_data = refresh_bot_data = _nothing


class Saving(Application):
    """Saves when an update is done."""

    async def process_update(self, update):
        await super().process_update(update)
        await self.update_persistence()


def keyboard(prefix: str, rows: dict[str, str]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(text, callback_data=f"{prefix}:{key}")] for key, text in rows.items()])


async def start(update: Update, context: Context) -> int:
    context.user_data.clear()
    await update.message.reply_text(TEXTS["en"]["language"], reply_markup=keyboard("language", LANGUAGES))
    return LANGUAGE


async def language(update: Update, context: Context) -> int:
    query = update.callback_query
    await query.answer()
    chosen = context.user_data["language"] = query.data.partition(":")[2]
    rows = {key: BUTTONS[chosen][key] for key in ("agree", "refuse")}
    await query.message.reply_text(TEXTS[chosen]["agreed"], reply_markup=keyboard("agreed", rows))
    return AGREED


async def agreed(update: Update, context: Context) -> int:
    query, chosen = update.callback_query, context.user_data["language"]
    await query.answer()
    context.user_data["agreed"] = True
    rows = {key: BUTTONS[chosen][key] for key in ("home", "work", "health")}
    await query.message.reply_text(TEXTS[chosen]["topic"], reply_markup=keyboard("topic", rows))
    return TOPIC


async def topic(update: Update, context: Context) -> int:
    query = update.callback_query
    await query.answer()
    await query.message.reply_text(TEXTS[context.user_data["language"]]["count"])
    return COUNT


async def count(update: Update, context: Context) -> int:
    given, chosen = number(update.message.text, 1, 30), context.user_data["language"]
    if given is None:
        await update.message.reply_text(TEXTS[chosen]["count"])
        return COUNT
    context.user_data["count"] = given
    rows = {key: BUTTONS[chosen][key] for key in ("yes", "no")}
    await update.message.reply_text(TEXTS[chosen]["either"], reply_markup=keyboard("either", rows))
    return EITHER


async def either(update: Update, context: Context) -> int:
    query, chosen = update.callback_query, context.user_data["language"]
    await query.answer()
    context.user_data["either"] = query.data.partition(":")[2]
    await query.message.reply_text(TEXTS[chosen]["place"], reply_markup=keyboard("place", PLACES[chosen]))
    return PLACE


async def place(update: Update, context: Context) -> int:
    query = update.callback_query
    await query.answer()
    context.user_data["place"] = query.data.partition(":")[2]
    await query.message.reply_text(TEXTS[context.user_data["language"]]["amount"])
    return AMOUNT


async def amount(update: Update, context: Context) -> int:
    given, chosen = number(update.message.text, 0, 100_000), context.user_data["language"]
    if given is None:
        await update.message.reply_text(TEXTS[chosen]["amount"])
        return AMOUNT
    context.user_data["amount"] = given
    await update.message.reply_text(TEXTS[chosen]["full-name"])
    return NAME


async def name(update: Update, context: Context) -> int:
    await update.message.reply_text(result(context.user_data, update.message.text))
    context.user_data.clear()
    return ConversationHandler.END


def main() -> None:
    app = Application.builder().application_class(Saving).token(TOKEN).base_url(f"{API}/bot").persistence(RedisPersistence()).build()
    words = filters.TEXT & ~filters.COMMAND
    pressed = {LANGUAGE: (language, "language:"), AGREED: (agreed, "agreed:agree"), TOPIC: (topic, "topic:home")}
    pressed |= {EITHER: (either, "either:"), PLACE: (place, "place:")}
    states = {state: [CallbackQueryHandler(do, pattern=f"^{data}")] for state, (do, data) in pressed.items()}
    states |= {state: [MessageHandler(words, do)] for state, do in ((COUNT, count), (AMOUNT, amount), (NAME, name))}
    begin = [CommandHandler("start", start)]
    app.add_handler(
        ConversationHandler(entry_points=begin, states=states, fallbacks=begin, allow_reentry=True, name="talk", persistent=True)
    )
    app.run_webhook(listen="127.0.0.1", port=PORT, url_path="webhook", webhook_url=HOOK, secret_token=SECRET)


if __name__ == "__main__":
    main()
