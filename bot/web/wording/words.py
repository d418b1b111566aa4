"""What pages and caseworkers read in them: ids and their English. French and Arabic stand in the staff catalogs under the same ids.

Rule 1: a label is a noun, a button is a verb, a state is a fact; an error says what happened, what was kept, what to do.
Rule 2: nothing here tells what a person wrote, or who anybody is.
"""

from bot.web.wording.desk import DESK
from bot.web.wording.staff import STAFF
from bot.web.wording.studio_contacts import STUDIO_CONTACTS
from bot.web.wording.studio_difference import STUDIO_DIFFERENCE
from bot.web.wording.studio_explain import STUDIO_EXPLAIN
from bot.web.wording.studio_form import STUDIO_FORM
from bot.web.wording.studio_frame import STUDIO_FRAME
from bot.web.wording.studio_keys import STUDIO_KEYS
from bot.web.wording.studio_phone import STUDIO_PHONE
from bot.web.wording.studio_publish import STUDIO_PUBLISH
from bot.web.wording.studio_script import STUDIO_SCRIPT
from bot.web.wording.studio_taking import STUDIO_TAKING
from bot.web.wording.studio_teams import STUDIO_TEAMS
from bot.web.wording.studio_texts import STUDIO_TEXTS
from bot.web.wording.studio_yaml import STUDIO_YAML
from bot.web.wording.watch import WATCH

WORDING: dict[str, str | tuple[str, str]] = {
    **DESK,
    **STAFF,
    **STUDIO_CONTACTS,
    **STUDIO_TEAMS,
    **STUDIO_DIFFERENCE,
    **STUDIO_EXPLAIN,
    **STUDIO_PHONE,
    **STUDIO_FORM,
    **STUDIO_FRAME,
    **STUDIO_KEYS,
    **STUDIO_PUBLISH,
    **STUDIO_SCRIPT,
    **STUDIO_TAKING,
    **STUDIO_TEXTS,
    **STUDIO_YAML,
    **WATCH,
    # the phone page
    "chat.title": "Messages",
    "chat.hello": "Hello. Which language?",
    "chat.human": "Person",
    "chat.log": "Messages",
    "chat.machine": "The machine:",
    "chat.you": "You:",
    "chat.person": "A person",
    "chat.writes": "A person is writing",
    "chat.state.bot": "Automatic answers",
    "chat.state.waiting": "Waiting for a person",
    "chat.state.human": "A person answers. The machine is silent.",
    "chat.state.offline": "No network. Your words wait here.",
    "chat.state.reconnecting": "The network returns. One moment.",
    "chat.choose": "Choose an answer",
    "chat.write-here": "Write here",
    "chat.send": "Send",
    "chat.more": "More choices",
    "chat.sent": "Sent",
    "chat.waits": "Waits for the network",
    "chat.received": "Received",
    "chat.failed": "Not sent",
    "chat.send-again": "Send again",
    "chat.wrote": "You wrote here. This page does not keep your words.",
    "chat.empty": "Nothing is shown here. You can write.",
    "chat.coming": "The answer is on its way",
    "chat.call": "Call",
    "chat.chat": "WhatsApp",
    "chat.email": "Email",
    "chat.listen": "Listen",
    "chat.new-messages": "Show new messages",
    "chat.begin": "Back to the beginning",
    "chat.erase.title": "Erase everything?",
    "chat.erase.goes": "Your messages, answers and requests are erased, here and at our end.",
    "chat.erase.final": "This cannot be undone.",
    "chat.erase.stays": "The browser’s history stays: only you can clear it.",
    "chat.erase.button": "Erase everything",
    "chat.erase.keep": "Erase nothing",
    "chat.not-sent.title": "Not sent yet",
    "chat.not-sent.what": "Your words are still here. They can be sent again in a moment.",
    # home
    "home.title": "What runs here",
    "home.promise-1": "True information.",
    "home.promise-2": "A person when one is asked for.",
    "home.intro": "Amana answers in writing, in Arabic, French and English, people who are far from home. "
    "It says what help exists, invents nothing, and passes the conversation on.",
    "home.open-chat": "Open the chat",
    "home.running": "Running",
    "home.chat": "Chat",
    "home.chat.what": "What a person sees on their phone.",
    "home.chat.who": "open to everyone",
    "home.desk": "Cases",
    "home.desk.what": "Who waits, who is in danger, and a person’s answer.",
    "home.desk.who": "one-time link, in the terminal",
    "home.example.bot": "Can you write safely?",
    "home.example.me": "Yes",
    "home.example.human": "Hello. I am reading you.",
    "home.trial.title": "For a trial only. Before real use:",
    "home.live": "In real use.",
    "home.todo.contacts": (
        "{n} contact was checked by nobody. Call it, then note the day.",
        "{n} contacts were checked by nobody. Call them, then note the day.",
    ),
    "home.todo.org": "Say who runs the service, in flows/bot.yaml.",
    "home.todo.handle": "Give the address of the Telegram bot, in flows/bot.yaml.",
    "home.todo.stage": "When all this is done, write stage: live in flows/bot.yaml.",
    "home.todo.staff": "Give a caseworker a way in: amana staff add.",
    "home.todo.https": "Serve these pages over HTTPS.",
    "home.todo.voice": "Have the sentences read by a native speaker.",
    "home.todo.keys": "Keep a copy of the keys, away from the data.",
    "home.steps": "In three minutes",
    "home.step-1": "Open the chat, answer, then ask for a person.",
    "home.step-2": "Open the desk with the link printed in the terminal: the case waits. Answer it.",
    "home.step-3": "Go back to the chat: the answer is there. Choose Erase: all of it goes.",
    "home.state": "State",
    "home.fact.store": "Data",
    "home.fact.flows": "Flows",
    "home.fact.channels": "Channels",
    "home.fact.waiting": "Waiting",
    "home.fact.group": "Caseworkers’ group",
    "home.fact.group.no-group": "out of reach; cases are answered at the desk",
    "home.fact.group.no-rights": "the machine may not write there; cases are answered at the desk",
    "home.fact.group.well": "in use",
    "home.fact.store.value": "one sealed file",
    "home.fact.flows.value": "{n}, revision {revision}",
    "home.fact.channels.web": "web page",
    "home.fact.channels.telegram": "web page and Telegram",
    "home.fact.waiting.value": ("{n} case", "{n} cases"),
    # the frame of staff pages
    "page.brand": "Amana",
    "page.skip": "Go to the content",
    "page.language": "Language",
    "tongue.ar": "Arabic",
    "tongue.fr": "French",
    "tongue.en": "English",
    # sign-in
    "signin.title": "Enter",
    "signin.for": "For the teams. Nobody else needs an account.",
    "signin.enter": "Enter the desk",
    "signin.enter-studio": "Open the flows",
    "signin.bad-title": "This link no longer works",
    "signin.out": "Sign out",
    # errors
    "error.home": "To the beginning",
    "error.404.title": "There is no such page",
    "error.404.what": "The address may be old or mistyped. Nothing was changed.",
    "error.405.title": "That cannot be done here",
    "error.405.what": "This address only shows something, or only takes something. Nothing was changed.",
    "error.409.title": "This page is older than your session",
    "error.409.what": "Nothing was changed. Go back, copy what you wrote, and open the page again.",
    "error.403.title": "Not accepted from another site",
    "error.403.what": "This was sent from a page that is not ours. Nothing was changed. Open our page and do it there.",
    "error.413.title": "Too much at once",
    "error.413.what": "What was sent is larger than this page takes. Nothing of it was kept. A shorter text can be sent.",
    "error.500.title": "Something failed on our side",
    "error.500.what": "What was confirmed before is kept. The last step may not have been carried out. You can try it again.",
    "error.503.title": "The store does not answer",
    "error.503.what": "Nothing was lost. Please try again in a moment.",
}  # fmt: skip
