// grammY: sessions in Redis by its own adapter, and webhookCallback on Node's HTTP server.
import { createServer } from "node:http";
import { RedisAdapter } from "@grammyjs/storage-redis";
import { Bot, session, webhookCallback } from "grammy";
import { Redis } from "ioredis";
import { API, BUTTONS, DAY, HOOK, keyboard, LANGUAGES, number, PLACES, PORT, REDIS, result, SECRET, some, TEXTS, TOKEN } from "./words.mjs";

const bot = new Bot(TOKEN, { client: { apiRoot: API } });
bot.use(session({ initial: () => ({ at: "", known: {} }), storage: new RedisAdapter({ instance: new Redis(REDIS), ttl: DAY }) }));

bot.command("start", async (ctx) => {
  ctx.session = { at: "language", known: {} };
  await ctx.reply(TEXTS.en.language, keyboard("language", LANGUAGES));
});

const pressed = (at, pattern, then) => bot.callbackQuery(pattern, async (ctx, next) => {
  if (ctx.session.at !== at) return next();
  await ctx.answerCallbackQuery();
  await then(ctx, ctx.session, ctx.match[1]);
});

pressed("language", /^language:(.+)$/, async (ctx, session, chosen) => {
  session.known.language = chosen;
  session.at = "agreed";
  await ctx.reply(TEXTS[chosen].agreed, keyboard("agreed", some(BUTTONS[chosen], "agree", "refuse")));
});

pressed("agreed", /^agreed:(agree)$/, async (ctx, session) => {
  const { language } = session.known;
  session.known.agreed = true;
  session.at = "topic";
  await ctx.reply(TEXTS[language].topic, keyboard("topic", some(BUTTONS[language], "home", "work", "health")));
});

pressed("topic", /^topic:(home)$/, async (ctx, session) => {
  session.at = "count";
  await ctx.reply(TEXTS[session.known.language].count);
});

pressed("either", /^either:(.+)$/, async (ctx, session, given) => {
  const { language } = session.known;
  session.known.either = given;
  session.at = "place";
  await ctx.reply(TEXTS[language].place, keyboard("place", PLACES[language]));
});

pressed("place", /^place:(.+)$/, async (ctx, session, given) => {
  session.known.place = given;
  session.at = "amount";
  await ctx.reply(TEXTS[session.known.language].amount);
});

bot.on("message:text", async (ctx) => {
  const { at, known } = ctx.session;
  const { language } = known;
  if (at === "full-name") {
    ctx.session = null;
    return ctx.reply(result(known, ctx.msg.text));
  }
  if (at !== "count" && at !== "amount") return;
  const given = number(ctx.msg.text, at === "count" ? 1 : 0, at === "count" ? 30 : 100000);
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

bot.catch((error) => console.error(error.message));
await bot.init();
await bot.api.setWebhook(HOOK, { secret_token: SECRET });
createServer(webhookCallback(bot, "http", { secretToken: SECRET })).listen(Number(PORT), "127.0.0.1");
