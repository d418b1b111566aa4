"""aiogram: states in a group, RedisStorage, and the webhook of aiohttp."""

import logging

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.redis import RedisStorage
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web
from words import API, BUTTONS, DAY, HOOK, LANGUAGES, PLACES, PORT, REDIS, SECRET, TEXTS, TOKEN, number, result

logging.basicConfig(level=logging.WARNING)
dispatcher = Dispatcher(storage=RedisStorage.from_url(REDIS, state_ttl=DAY, data_ttl=DAY, connection_kwargs={"max_connections": 1000}))


class Talk(StatesGroup):
    language = State()
    agreed = State()
    topic = State()
    count = State()
    either = State()
    place = State()
    amount = State()
    name = State()


def keyboard(prefix: str, rows: dict[str, str]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=f"{prefix}:{key}")] for key, text in rows.items()]
    )


@dispatcher.message(CommandStart())
async def start(message: Message, state: FSMContext) -> None:
    await state.clear()
    await state.set_state(Talk.language)
    await message.answer(TEXTS["en"]["language"], reply_markup=keyboard("language", LANGUAGES))


@dispatcher.callback_query(Talk.language, F.data.startswith("language:"))
async def language(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    chosen = query.data.partition(":")[2]
    await state.update_data(language=chosen)
    await state.set_state(Talk.agreed)
    rows = {key: BUTTONS[chosen][key] for key in ("agree", "refuse")}
    await query.message.answer(TEXTS[chosen]["agreed"], reply_markup=keyboard("agreed", rows))


@dispatcher.callback_query(Talk.agreed, F.data == "agreed:agree")
async def agreed(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    known = await state.update_data(agreed=True)
    await state.set_state(Talk.topic)
    rows = {key: BUTTONS[known["language"]][key] for key in ("home", "work", "health")}
    await query.message.answer(TEXTS[known["language"]]["topic"], reply_markup=keyboard("topic", rows))


@dispatcher.callback_query(Talk.topic, F.data == "topic:home")
async def topic(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    known = await state.get_data()
    await state.set_state(Talk.count)
    await query.message.answer(TEXTS[known["language"]]["count"])


@dispatcher.message(Talk.count, F.text)
async def count(message: Message, state: FSMContext) -> None:
    given = number(message.text, 1, 30)
    known = await state.get_data()
    if given is None:
        await message.answer(TEXTS[known["language"]]["count"])
        return
    await state.update_data(count=given)
    await state.set_state(Talk.either)
    rows = {key: BUTTONS[known["language"]][key] for key in ("yes", "no")}
    await message.answer(TEXTS[known["language"]]["either"], reply_markup=keyboard("either", rows))


@dispatcher.callback_query(Talk.either, F.data.startswith("either:"))
async def either(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    known = await state.update_data(either=query.data.partition(":")[2])
    await state.set_state(Talk.place)
    await query.message.answer(TEXTS[known["language"]]["place"], reply_markup=keyboard("place", PLACES[known["language"]]))


@dispatcher.callback_query(Talk.place, F.data.startswith("place:"))
async def place(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    known = await state.update_data(place=query.data.partition(":")[2])
    await state.set_state(Talk.amount)
    await query.message.answer(TEXTS[known["language"]]["amount"])


@dispatcher.message(Talk.amount, F.text)
async def amount(message: Message, state: FSMContext) -> None:
    given = number(message.text, 0, 100_000)
    known = await state.get_data()
    if given is None:
        await message.answer(TEXTS[known["language"]]["amount"])
        return
    await state.update_data(amount=given)
    await state.set_state(Talk.name)
    await message.answer(TEXTS[known["language"]]["full-name"])


@dispatcher.message(Talk.name, F.text)
async def name(message: Message, state: FSMContext) -> None:
    known = await state.get_data()
    await state.clear()
    await message.answer(result(known, message.text))


async def announce(bot: Bot) -> None:
    await bot.set_webhook(HOOK, secret_token=SECRET)


def main() -> None:
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(API)))
    dispatcher.startup.register(announce)
    app = web.Application()
    SimpleRequestHandler(dispatcher=dispatcher, bot=bot, secret_token=SECRET).register(app, path="/webhook")
    setup_application(app, dispatcher, bot=bot)
    web.run_app(app, host="127.0.0.1", port=PORT, access_log=None, print=None)


if __name__ == "__main__":
    main()
