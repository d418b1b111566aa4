// What the Node rivals say: the texts of the workload, by language.
import { readFileSync } from "node:fs";

const W = JSON.parse(readFileSync(`${process.env.WORKLOAD_DIR}/texts.json`, "utf8"));
export const TEXTS = W.texts;
export const BUTTONS = W.buttons;
export const LANGUAGES = { ar: "العربية", en: "English" };
export const PLACES = Object.fromEntries(Object.keys(TEXTS).map((language) =>
  [language, Object.fromEntries(W.places.map(([key, arabic, english]) => [key, language === "ar" ? arabic : english]))]));
export const { PORT, API_BASE: API, REDIS_URL: REDIS, BOT_TOKEN: TOKEN, WEBHOOK_URL: HOOK, WEBHOOK_SECRET: SECRET } = process.env;
export const DAY = 86400;

export const some = (rows, ...keys) => Object.fromEntries(keys.map((key) => [key, rows[key]]));

export const keyboard = (prefix, rows) => ({
  reply_markup: { inline_keyboard: Object.entries(rows).map(([key, text]) => [{ text, callback_data: `${prefix}:${key}` }]) },
});

export function number(text, least, most) {
  const found = /^\d+$/.test(text) ? Number(text) : NaN;
  return found >= least && found <= most ? found : null;
}

export function result(known, name) {
  const { language, count, either, place, amount } = known;
  const can = (either === "yes" && amount < 200) || amount < 100;
  const said = { "full-name": name, count, either: BUTTONS[language][either], place: PLACES[language][place], amount };
  return TEXTS[language][can ? "can-ask" : "cannot-ask"].replace(/\{([a-z-]+)\}/g, (_, key) => said[key]);
}
