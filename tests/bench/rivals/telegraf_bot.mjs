// Telegraf: its session middleware over a store in Redis, and createWebhook on Node's HTTP server.
import { createServer } from "node:http";
import { Redis } from "ioredis";
import { session, Telegraf } from "telegraf";
import { API, BUTTONS, DAY, keyboard, LANGUAGES, number, PLACES, PORT, REDIS, result, SECRET, some, TEXTS, TOKEN } from "./words.mjs";

const redis = new Redis(REDIS);
const store = {
  get: async (key) => JSON.parse((await redis.get(key)) ?? "null") ?? undefined,
  set: (key, value) => redis.set(key, JSON.stringify(value), "EX", DAY),
  delete: (key) => redis.del(key),
};
const bot = new Telegraf(TOKEN, { telegram: { apiRoot: API, webhookReply: false } });
bot.use(session({ store, defaultSession: () => ({ at: "", known: {} }) }));

bot.start(async (ctx) => {
  ctx.session = { at: "language", known: {} };
  await ctx.reply(TEXTS.en.language, keyboard("language", LANGUAGES));
});

const pressed = (at, pattern, then) => bot.action(pattern, async (ctx, next) => {
  if (ctx.session.at !== at) return next();
  await ctx.answerCbQuery();
  await then(ctx, ctx.session, ctx.match[1]);
});

pressed("language", /^language:(.+)$/, async (ctx, kept, chosen) => {
  kept.known.language = chosen;
  kept.at = "agreed";
  await ctx.reply(TEXTS[chosen].agreed, keyboard("agreed", some(BUTTONS[chosen], "agree", "refuse")));
});

pressed("agreed", /^agreed:(agree)$/, async (ctx, kept) => {
  const { language } = kept.known;
  kept.known.agreed = true;
  kept.at = "topic";
  await ctx.reply(TEXTS[language].topic, keyboard("topic", some(BUTTONS[language], "home", "work", "health")));
});

pressed("topic", /^topic:(home)$/, async (ctx, kept) => {
  kept.at = "count";
  await ctx.reply(TEXTS[kept.known.language].count);
});

pressed("either", /^either:(.+)$/, async (ctx, kept, given) => {
  const { language } = kept.known;
  kept.known.either = given;
  kept.at = "place";
  await ctx.reply(TEXTS[language].place, keyboard("place", PLACES[language]));
});

pressed("place", /^place:(.+)$/, async (ctx, kept, given) => {
  kept.known.place = given;
  kept.at = "amount";
  await ctx.reply(TEXTS[kept.known.language].amount);
});

bot.on("text", async (ctx) => {
  const { at, known } = ctx.session;
  const { language } = known;
  if (at === "full-name") {
    ctx.session = undefined;
    return ctx.reply(result(known, ctx.message.text));
  }
  if (at !== "count" && at !== "amount") return;
  const given = number(ctx.message.text, at === "count" ? 1 : 0, at === "count" ? 30 : 100000);
  if (given === null) return ctx.reply(TEXTS[language][at]);
  known[at] = given;
  if (at === "count") {
    ctx.session.at = "either";
    await ctx.reply(TEXTS[language].either, keyboard("either", some(BUTTONS[language], "yes", "no")));
  } else {
    ctx.session.at = "full-name";
    await ctx.reply(TEXTS[language]["full-name"]);
  }
});

bot.catch((error) => console.error(error));
const hook = await bot.createWebhook({ domain: "http://127.0.0.1", path: "/webhook", secret_token: SECRET });
createServer(hook).listen(Number(PORT), "127.0.0.1");
