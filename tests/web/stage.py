"""A small service to look at pages with: the real mailbox and application, a scripted bot, a desk in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from msgspec import structs
from prometheus_client import CollectorRegistry, Counter
from starlette.applications import Starlette

from bot.channels.webchat import Webchat
from bot.conversation.desk import CasePage, Entry
from bot.conversation.intake import Incoming
from bot.conversation.staff import StaffMember
from bot.engine.events import Pressed, Said, Started, WordPressed
from bot.flow.service import PartOfDay
from bot.flow.teams import Opening, Team, Teams
from bot.i18n.catalog import read_catalog
from bot.i18n.staff import StaffTexts
from bot.i18n.texts import Texts
from bot.ports import CaseIndex, OutButton, OutCard, Outgoing, StoreUnavailable
from bot.web.app import build
from bot.web.parts import Standing, WebParts
from bot.web.wording import WORDING
from tests.fakes import Counted, FakeClock, MemoryStore

ROOT = Path(__file__).parents[2]
ALWAYS = (Opening(frozenset(range(7)), ((0, 24 * 60),)),)
HOURS = (PartOfDay("morning", 360, 720), PartOfDay("evening", 1080, 1320))
BOT = {
    "hours.morning": ("Morning", "Le matin", "الصباح"),
    "hours.evening": ("Evening", "Le soir", "المساء"),
    "bot.stop": ("Stop", "Arrêter", "توقف"),
    "bot.human": ("A person", "Parler à quelqu’un", "شخص من الفريق"),
    "bot.menu": ("Menu", "Menu", "القائمة"),
    "bot.back": ("Back", "Page d’avant", "السابق"),
    "bot.repeat": ("Repeat", "Répéter", "تكرار"),
    "bot.language": ("Language", "Langue", "اللغة"),
    "bot.privacy": ("Privacy", "Ce qui est gardé", "ما يُحفظ"),
    "bot.erase": ("Erase", "Effacer", "مسح"),
    "bot.stopped": ("OK.", "D’accord.", "حسناً."),
    "bot.erased-web": (
        "What we kept about you is erased.\nThis page forgets the conversation too.",
        "Ce que nous gardions sur vous est effacé.\nCette page oublie aussi la conversation.",
        "مُحي ما كان محفوظاً عندنا.\nهذه الصفحة تنسى المحادثة أيضاً.",
    ),
    "teams.desk:name": ("The going-home desk", "L’équipe du retour", "فريق العودة"),
    "teams.safe:name": ("The protection team", "L’équipe de protection", "فريق الحماية"),
}
TEXTS = Texts.of(
    {key: said[0] for key, said in BOT.items()},
    {"fr": {key: said[1] for key, said in BOT.items()}, "ar": {key: said[2] for key, said in BOT.items()}},
    "en",
)
ASK = {
    "ar": ("هل هناك خوف من أن يؤذيك أحد بعد الرجوع؟", ("نعم", "لا", "لا أعرف")),
    "fr": ("Avez-vous peur que quelqu’un vous fasse du mal là-bas ?", ("Oui", "Non", "Je ne sais pas")),
    "en": ("Are you afraid someone could harm you there?", ("Yes", "No", "I do not know")),
}
CARDS = {
    "ar": OutCard("مكتب الاستماع (مثال)", ("+213 000 12 34 56",), ("+213 000 12 34 57",), ("ecoute@example.org",), ("مفتوح الآن حتى \u206616:30\u2069", "اللغات: العربية والفرنسية"), "ما قد يلي: قد يُسأل عن الاسم.", "تحقّقنا يوم \u206612/11/2026\u2069"),
    "fr": OutCard("Bureau d’écoute (exemple)", ("+213 000 12 34 56",), (), (), ("Ouvert maintenant, jusqu’à 16 h 30", "Langues : français, arabe"), "Ce qui peut suivre : on vous demandera votre nom.", "Vérifié le 12/11/2026"),
    "en": OutCard("Listening office (example)", ("+213 000 12 34 56",), (), (), ("Open now, until 16:30",), "What may follow: they ask your name.", "Checked on 12/11/2026"),
}  # fmt: skip
HUMAN = {"ar": "أهلاً. أنا أقرأ. هل الوضع آمن الآن؟", "fr": "Bonjour. Je vous lis. Êtes-vous en sécurité ?", "en": "Hello. I am reading. Are you safe?"}


class PlainSeals:
    """Seals nothing; binds the note to its place so that a moved one is noticed."""

    def seal_note(self, space: str, key: str, body: bytes) -> bytes:
        return f"{space}|{key}|".encode() + body

    def open_note(self, space: str, key: str, sealed: bytes) -> bytes:
        head = f"{space}|{key}|".encode()
        assert sealed.startswith(head)
        return sealed[len(head) :]


class ScriptedBot:
    """Takes what the page sends and answers at once, as a service would a moment later."""

    def __init__(self) -> None:
        self.chat: Webchat
        self.taken: list[Incoming] = []
        self.seen: set[tuple[str, str]] = set()
        self.turn = 0
        self.language: dict[str, str] = {}
        self.down = False
        self.silent = False

    async def accept(self, items: Sequence[Incoming]) -> Sequence[bool]:
        if self.down:
            raise StoreUnavailable
        fresh = []
        for item in items:
            new = (item.identity, item.event_id) not in self.seen
            self.seen.add((item.identity, item.event_id))
            fresh.append(new)
            if new:
                self.taken.append(item)
                if not self.silent:
                    asyncio.get_running_loop().create_task(self.answer(item))
        return fresh

    async def answer(self, item: Incoming) -> None:
        route, event = item.route, item.event
        match event:
            case Started():
                self.language[route] = event.language or "en"
            case Said(text="card") | Pressed(key="unsure"):
                await self.say(route, "Voici.", cards=True)
            case Said(text="human") | WordPressed(word="human"):
                await self.human(route)
            case WordPressed(word="stop"):
                await self.send(route, Outgoing(kind="bot", language=self.lang(route), text="OK.", id="bot.stopped"))
            case WordPressed(word="erase"):
                await self.send(route, Outgoing(kind="farewell", language=self.lang(route), text="…", id="bot.erased-web"))
            case Said(text="stop"):
                await self.send(route, Outgoing(kind="bot", language=self.lang(route), text="OK.", id="bot.stopped"))
            case Said(text="erase"):
                await self.send(route, Outgoing(kind="farewell", language=self.lang(route), text="…", id="bot.erased-web"))
            case _:
                await self.ask(route)

    def lang(self, route: str) -> str:
        return self.language.get(route, "en")

    async def send(self, route: str, message: Outgoing) -> None:
        await self.chat.send(route, message)

    async def ask(self, route: str) -> None:
        self.turn += 1
        text, labels = ASK[self.lang(route)]
        buttons = [OutButton(label, f"life{self.turn}.{self.turn}.{key}") for label, key in zip(labels, ("yes", "no", "unsure"), strict=True)]
        await self.send(route, Outgoing(kind="bot", language=self.lang(route), text=text, id="return.fear", buttons=tuple(buttons), listen="return.fear"))

    async def say(self, route: str, text: str, *, cards: bool = False) -> None:
        language = self.lang(route)
        card = CARDS[language]
        said = {"ar": "لا أحد يمكنه فرض الرجوع.\nيمكن السؤال هنا. هذا مجاني.", "fr": "Personne ne peut vous obliger à rentrer.\nC’est gratuit.", "en": "Nobody can force you.\nThis is free."}[language]
        full = "\n\n".join([said, "\n".join([card.name, *card.lines, *card.numbers])]) if cards else said
        buttons = (OutButton(TEXTS.say("bot.human", language), "*.human"), OutButton(TEXTS.say("bot.menu", language), "*.menu"))
        await self.send(route, Outgoing(kind="bot", language=language, text=full, id="return.free", cards=(card,) if cards else (), buttons=buttons))

    async def human(self, route: str) -> None:
        language = self.lang(route)
        await self.send(route, Outgoing(kind="bot", language=language, text={"ar": "شخص من الفريق معك الآن.\nالآلة صامتة.", "fr": "Une personne de l’équipe est là.\nLa machine se tait.", "en": "A person is here.\nThe machine is silent."}[language], id="bot.human-here"))
        await self.send(route, Outgoing(kind="human", language=language, text=HUMAN[language], id="human"))


class FakeDesk:
    """A desk with a few cases of every kind, in memory."""

    def __init__(self, clock: FakeClock) -> None:
        now = clock.now()
        self.clock = clock
        self.down = False
        self.done: list[tuple[str, ...]] = []
        self.bell: asyncio.Queue[str] | None = None
        cases = [
            CaseIndex("M3-18K", "safe", "now", "waiting", now - 34 * 60, "ar", unread=3),
            CaseIndex("R2-77Q", "desk", "normal", "waiting", now - 82 * 60, "en"),
            CaseIndex("B8-31T", "safe", "high", "waiting", now - 26 * 60, "fr"),
            CaseIndex("H4-66W", "desk", "normal", "waiting", now - 6 * 60, "ar"),
            CaseIndex("K7-42X", "safe", "high", "claimed", now - 90 * 60, "fr", claimant="Arganier", unread=1),
            CaseIndex("P6-03N", "desk", "normal", "claimed", now - 300 * 60, "ar", claimant="Arganier", unwritten=True),
            CaseIndex("T5-09C", "safe", "normal", "claimed", now - 60 * 60, "fr", claimant="Cèdre"),
            CaseIndex("D2-55F", "desk", "normal", "closed", now - 3000 * 60, "fr", claimant="Arganier"),
            CaseIndex("E9-14G", "desk", "normal", "erased", now - 50 * 60, "ar"),
        ]
        self.cases = {case.code: case for case in cases}
        self.safe_hours: dict[str, tuple[str, ...]] = {}
        self.entries: dict[str, list[Entry]] = {code: [] for code in self.cases}
        for kind, text, by, ago in [
            ("state", "claimed", "Arganier", 80),
            ("person", "bjr c moi. la patrone es sorti jusqua 17h", "", 76),
            ("staff", "Bonjour. Merci d’avoir écrit. Êtes-vous en sécurité en ce moment ?", "Arganier", 75),
            ("person", "oui sa va\u202e. si je part dici commen je fait pr mes papié ? elle les garde\u200b", "", 74),
            ("note", "Place d’hébergement à confirmer jeudi. Ne rien promettre d’ici là.", "Thuya", 60),
            ("person", "هي تخرج كل يوم مع 14:00 و ترجع 17:00", "", 30),
            ("bot", "Noted. The person who answers will see it.", "", 29),
        ]:
            self.add("K7-42X", kind, text, by, now - ago * 60)
        self.add("M3-18K", "person", "واش كاين واحد", "", now - 30 * 60)
        self.entries["M3-18K"].append(Entry(2, now - 29 * 60, "person", "", "", "voice"))
        self.add("P6-03N", "state", "do-not-write", "", now - 20 * 60)

    def add(self, code: str, kind: str, text: str, by: str, at: float) -> None:
        entries = self.entries[code]
        entries.append(Entry(len(entries) + 1, at, kind, text, by, None))  # type: ignore[arg-type]

    def _up(self) -> None:
        if self.down:
            raise StoreUnavailable

    async def queue(self, staff: StaffMember, states: Sequence[str] = ("waiting", "claimed")) -> Sequence[CaseIndex]:
        ranks = {"now": 0, "high": 1, "normal": 2}
        return sorted((case for case in self.cases.values() if case.state in states), key=lambda case: (ranks[case.urgency], case.since))

    async def open(self, code: str, staff: StaffMember) -> CasePage | None:
        case = self.cases.get(code)
        if case is None:
            return None
        if case.state == "erased":
            return CasePage(case, (), (), True)
        labels = {"fr": (("Pays", "Maroc"), ("Sujet", "Un souci ici"), ("Heures sûres", "Après-midi")), "ar": (("البلد", "المغرب"), ("الموضوع", "مشكلة هنا"), ("ساعات آمنة", "بعد الظهر"))}
        fields = labels.get(staff.language, (("Country", "Morocco"), ("About", "A problem here"))) if case.urgency != "now" else ()
        outcome = "referred" if case.state == "closed" else ""
        return CasePage(case, fields, tuple(self.entries[code]), False, outcome, safe_hours=self.safe_hours.get(code, ()))

    async def _act(self, code: str, staff: StaffMember, *what: str) -> str:
        self._up()
        case = self.cases[code]
        if case.state in ("erased", "closed"):
            return case.state
        if case.claimant not in (None, staff.name) and what[0] != "note":
            return "taken"
        if what[0] == "answer" and case.unwritten:
            return "unwritten"
        if what[0] in ("answer", "note") and not what[1]:
            return "empty"
        if (code, *what) in self.done:
            return "done"
        self.done.append((code, *what))
        if what[0] in ("claim", "answer"):
            self.cases[code] = structs.replace(case, state="claimed", claimant=staff.name, unread=0)
        if what[0] == "close":
            self.cases[code] = structs.replace(case, state="closed")
        if what[0] in ("answer", "note"):
            self.add(code, "staff" if what[0] == "answer" else "note", what[1], staff.name, self.clock.now())
        self.ring(code)
        return "done"

    def ring(self, code: str) -> None:
        if self.bell is not None:
            self.bell.put_nowait(code)

    async def claim(self, code: str, staff: StaffMember, action: str) -> Any:
        return await self._act(code, staff, "claim", action)

    async def answer(self, code: str, staff: StaffMember, text: str, action: str) -> Any:
        return await self._act(code, staff, "answer", text, action)

    async def note(self, code: str, staff: StaffMember, text: str, action: str) -> Any:
        return await self._act(code, staff, "note", text, action)

    async def close(self, code: str, staff: StaffMember, outcome: str, action: str) -> Any:
        return await self._act(code, staff, "close", outcome, action)

    async def watch(self) -> AsyncIterator[str]:
        self.bell = asyncio.Queue()
        while True:
            try:
                async with asyncio.timeout(1.0):
                    code = await self.bell.get()
            except TimeoutError:
                code = ""
            yield code


class FakeStaffBook:
    """One caseworker, one link at a time."""

    def __init__(self) -> None:
        self.member = StaffMember("s1", "Arganier", "fr", (), "caseworker")
        self.links = {"once"}
        self.sessions = {"secret"}

    async def redeem(self, token: str) -> str | None:
        if token not in self.links:
            return None
        self.links.remove(token)
        self.sessions.add("fresh")
        return "fresh"

    async def who(self, secret: str) -> StaffMember | None:
        return self.member if secret in self.sessions else None

    async def sign_out(self, secret: str) -> None:
        self.sessions.discard(secret)

    async def speak(self, member: StaffMember, language: str) -> StaffMember:
        self.member = structs.replace(member, language=language)
        return self.member


def words() -> StaffTexts:
    catalogs = {}
    for language in ("ar", "fr"):
        path = ROOT / "locales" / language / "LC_MESSAGES" / "staff.po"
        if path.exists():
            catalogs[language] = read_catalog(path.read_text("utf-8"), language)
    return StaffTexts.of(WORDING, catalogs)


def program() -> Any:
    teams = {name: Team(name, ("ar", "fr"), {"MA": ALWAYS}, {}, promise, (), "reopen") for name, promise in (("safe", 30), ("desk", 60))}
    country = SimpleNamespace(code="MA", zone="Africa/Casablanca", places=())
    return SimpleNamespace(texts=TEXTS, teams=Teams(teams, {}), service=SimpleNamespace(countries={"MA": country}, hours=HOURS))


class Stage:
    """Everything together."""

    def __init__(self, *, recordings: Path | None = None, secure: bool = False, clock: Any = None) -> None:
        self.clock = clock or FakeClock()
        self.store = MemoryStore(self.clock)
        self.bot = ScriptedBot()
        self.chat = Webchat(store=self.store, intake=self.bot, vault=PlainSeals(), clock=self.clock, chance=Counted(), naming=b"n" * 32)
        self.bot.chat = self.chat
        self.desk = FakeDesk(self.clock)
        self.staff = FakeStaffBook()
        self.ready = {"store": True, "flows": True}
        registry = CollectorRegistry()
        Counter("amana_messages", "Messages by kind.", ["kind"], registry=registry).labels("bot").inc()
        program_ = program()
        self.parts = WebParts(
            chat=self.chat,
            desk=self.desk,
            staff=self.staff,
            program=lambda: program_,
            words=words(),
            clock=self.clock,
            chance=Counted(),
            registry=registry,
            ready={name: self._asked(name) for name in self.ready},
            standing=self._standing,
            recordings=recordings,
            secure=secure,
        )
        self.app: Starlette = build(self.parts)

    def says(self, text_id: str, language: str = "fr", **values: Any) -> str:
        """What pages say under this id."""
        return self.parts.words.say(text_id, language, **values)

    def _asked(self, name: str) -> Any:
        async def works() -> bool:
            return self.ready[name]

        return works

    async def _standing(self) -> Standing:
        return Standing(
            "trial",
            (("home.todo.contacts", {"n": 24}), *((f"home.todo.{each}", {}) for each in ("org", "handle", "voice", "https", "stage"))),
            (
                ("home.fact.store.value", {}),
                ("home.fact.flows.value", {"n": 21, "revision": "9f3a61c2"}),
                ("home.fact.channels.web", {}),
                ("home.fact.waiting.value", {"n": 4}),
            ),
        )
