"""A small service to look at pages with: the real mailbox and application, a scripted bot, a desk in memory."""

import asyncio
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from msgspec import structs
from prometheus_client import CollectorRegistry, Counter
from starlette.applications import Starlette

from bot.channels.webchat import Webchat
from bot.conversation.cases.media import MediaDesk
from bot.conversation.cases.presence import Presence
from bot.conversation.cases.view import QueueView
from bot.conversation.keeping.intake import Incoming
from bot.conversation.keeping.library import StoreLibrary
from bot.conversation.keeping.vault import Vault
from bot.conversation.staffing.door import DOORS, LINKS, Door, Entrance, Link, Session, Visit
from bot.conversation.staffing.staff import StaffBook, StaffMember, hashed
from bot.engine.events import Pressed, Said, Started, WordPressed
from bot.flow.replies import Reply
from bot.flow.service import PartOfDay
from bot.flow.teams import AlertStep, Opening, Team, Teams
from bot.i18n.catalog import read_catalog
from bot.i18n.staff import StaffTexts
from bot.i18n.texts import Texts
from bot.ports import CaseIndex, CaseRecord, OutButton, OutCard, Outgoing, Record, StoreUnavailable
from bot.studio.drafts.census import Census
from bot.studio.drafts.parts import StudioParts
from bot.studio.drafts.workshop import Workshop
from bot.web.app import build
from bot.web.parts import Standing, WebParts
from bot.web.wording.words import WORDING
from tests.fakes import CheapPasswords, Counted, FakeClock, InlineBench, MemoryStore
from tests.web.fakedesk import FakeDesk
from tests.world import Counting, FakeKeys, compiled, real_bundle

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
    "replies.safe:title": ("Is it safe?", "Êtes-vous en sécurité ?", "هل الوضع آمن؟"),
    "replies.safe": (
        "Before we go on: is it safe to write now?",
        "Avant de continuer : est-il sûr d’écrire maintenant ?",
        "قبل المتابعة: هل الكتابة آمنة الآن؟",
    ),
    "replies.free:title": ("It is free", "C’est gratuit", "هذا مجاني"),
    "replies.free": ("This help is free.", "Cette aide est gratuite.", "هذه المساعدة مجانية."),
    "replies.papers:title": ("Papers held by somebody", "Papiers gardés par quelqu’un", "أوراق لدى شخص آخر"),
    "replies.papers": (
        "You can ask for help without your papers.",
        "Vous pouvez demander de l’aide sans vos papiers.",
        "يمكن طلب المساعدة دون أوراق.",
    ),
    "countries.MA": ("Morocco", "Maroc", "المغرب"),
    "directory.listen:name": ("Listening office", "Bureau d’écoute", "مكتب الاستماع"),
    "work:title": ("Exploitation at work", "Exploitation au travail", "استغلال في العمل"),
    "wages:title": ("Unpaid wages", "Salaires non payés", "أجور غير مدفوعة"),
    "return:title": ("Going home", "Retour au pays", "العودة إلى البلد"),
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
HUMAN = {
    "ar": "أهلاً. أنا أقرأ. هل الوضع آمن الآن؟",
    "fr": "Bonjour. Je vous lis. Êtes-vous en sécurité ?",
    "en": "Hello. I am reading. Are you safe?",
}


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
        buttons = [
            OutButton(label, f"life{self.turn}.{self.turn}.{key}") for label, key in zip(labels, ("yes", "no", "unsure"), strict=True)
        ]
        await self.send(
            route,
            Outgoing(kind="bot", language=self.lang(route), text=text, id="return.fear", buttons=tuple(buttons), listen="return.fear"),
        )

    async def say(self, route: str, text: str, *, cards: bool = False) -> None:
        language = self.lang(route)
        card = CARDS[language]
        said = {
            "ar": "لا أحد يمكنه فرض الرجوع.\nيمكن السؤال هنا. هذا مجاني.",
            "fr": "Personne ne peut vous obliger à rentrer.\nC’est gratuit.",
            "en": "Nobody can force you.\nThis is free.",
        }[language]
        full = "\n\n".join([said, "\n".join([card.name, *card.lines, *card.numbers])]) if cards else said
        buttons = (OutButton(TEXTS.say("bot.human", language), "*.human"), OutButton(TEXTS.say("bot.menu", language), "*.menu"))
        await self.send(
            route, Outgoing(kind="bot", language=language, text=full, id="return.free", cards=(card,) if cards else (), buttons=buttons)
        )

    async def human(self, route: str) -> None:
        language = self.lang(route)
        await self.send(
            route,
            Outgoing(
                kind="bot",
                language=language,
                text={
                    "ar": "شخص من الفريق معك الآن.\nالآلة صامتة.",
                    "fr": "Une personne de l’équipe est là.\nLa machine se tait.",
                    "en": "A person is here.\nThe machine is silent.",
                }[language],
                id="bot.human-here",
            ),
        )
        await self.send(route, Outgoing(kind="human", language=language, text=HUMAN[language], id="human"))


class DeskCases:
    """The cases of the desk as a store gives them."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk = desk

    async def cases(self, *, states: Sequence[str], teams: object, since: float = 0.0, limit: int = 200) -> Sequence[CaseIndex]:
        return [index for index in self.desk.cases.values() if index.state in states]

    async def case(self, code: str) -> CaseRecord | None:
        index = self.desk.cases.get(code)
        return CaseRecord(index, b"", 1, (), b"") if index is not None else None

    async def cases_of(self, person: bytes) -> Sequence[str]:
        return [code for code, index in self.desk.cases.items() if index.state == "claimed"]

    async def load(self, person: bytes) -> Record:
        return Record(0)


NEEDS = {"K7-42X": "work", "M3-18K": "", "B8-31T": "wages", "R2-77Q": "return", "H4-66W": "return"}


class StageView(QueueView):
    """The queue as it is at this moment: it looks before each answer, so that no test waits for it."""

    def heard(self, code: str, kind: str) -> None:
        self._take(code, self._store.desk.cases.get(code), [kind])  # type: ignore[attr-defined, list-item]

    def current(self) -> None:
        found = self._store.desk.cases  # type: ignore[attr-defined]
        for code, index in found.items():
            if self._open.get(code) != index:
                self._take(code, index, [], told=False)
        self._looked = True

    def rows(self, staff: StaffMember, **asked: Any) -> Any:
        self.current()
        return [structs.replace(seen, need=NEEDS.get(seen.index.code, "")) for seen in super().rows(staff, **asked)]

    def index(self, code: str) -> CaseIndex | None:
        self.current()
        return super().index(code)


CREW: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("secret", "s1", {"name": "Arganier", "speaks": ("fr", "ar"), "capacity": 6}),
    ("secret2", "s2", {"name": "Cèdre", "speaks": ("fr",), "capacity": 6}),
    ("secret3", "s3", {"name": "Thuya", "language": "ar", "roles": ("supervisor",), "speaks": ("ar",), "capacity": 4}),
    ("secret4", "s4", {"name": "Acacia", "language": "ar", "speaks": ("ar", "fr"), "away_until": 2e9}),
)
"""Two caseworkers, a supervisor, and one who is away: the secret of a session, the account, what it is."""
AUTHORS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("secret5", "s5", {"name": "Figuier", "language": "fr", "roles": ("flow-admin",)}),
    ("secret6", "s6", {"name": "Olivier", "language": "ar", "roles": ("flow-admin", "publisher")}),
)
"""One who writes flows and one who may also publish them; in only when a test asks for the studio."""


class StageDoor(Door):
    """The door, with a session of each colleague open and a link made before anybody asks."""

    ready = False
    studio = False
    library: StoreLibrary

    async def who(self, secret: str, *, touch: bool = True) -> Visit | None:
        await self.open()
        return await super().who(secret, touch=touch)

    async def followed(self, token: str) -> Any:
        await self.open()
        return await super().followed(token)

    async def redeem(self, token: str, *, password: str = "", device: str = "") -> Entrance:
        await self.open()
        return await super().redeem(token, password=password, device=device)

    async def open(self) -> None:
        if self.ready:
            return
        self.ready = True
        if self.studio:
            await self.library.publish(real_bundle(), by="operator", why="first start")
        now = self._clock.now()
        for secret, id_, fields in (*CREW, *(AUTHORS if self.studio else ())):
            member = await self._book.add(id_, **fields)
            await self._put(DOORS, hashed(secret), Session(member.id, now, now, member.epoch, "Firefox, Android"))
            await self._put(LINKS, hashed(f"once-{id_}" if id_ != "s1" else "once"), Link(member.id, "enter", member.epoch))


@cache
def words() -> StaffTexts:
    """The sentences of the pages: read once, nothing changes them."""
    catalogs = {}
    for language in ("ar", "fr"):
        path = ROOT / "locales" / language / "LC_MESSAGES" / "staff.po"
        if path.exists():
            catalogs[language] = read_catalog(path.read_text("utf-8"), language)
    return StaffTexts.of(WORDING, catalogs)


def program() -> Any:
    teams = {
        name: Team(name, ("ar", "fr"), {"MA": ALWAYS}, {}, promise, (AlertStep(5, "second-line"), AlertStep(15, "on-call")), "reopen")
        for name, promise in (("safe", 30), ("desk", 60))
    }
    country = SimpleNamespace(code="MA", zone="Africa/Casablanca", places=())
    contacts = {
        "listen": SimpleNamespace(id="listen", country="MA", accepts_referral=True, expires=date(2099, 1, 1), verified_on=date(2026, 11, 1))
    }
    directory = SimpleNamespace(contacts=contacts)
    replies = {name: Reply(name) for name in ("safe", "free", "papers")}
    return SimpleNamespace(
        texts=TEXTS,
        teams=Teams(teams, {}),
        directory=directory,
        replies=replies,
        flows=dict.fromkeys(("work", "wages", "return")),
        service=SimpleNamespace(countries={"MA": country}, hours=HOURS, stage="live"),
    )


class Stage:
    """Everything together."""

    def __init__(self, *, recordings: Path | None = None, secure: bool = False, clock: Any = None, studio: bool = False) -> None:
        self.clock = clock or FakeClock()
        self.store = MemoryStore(self.clock)
        self.bot = ScriptedBot()
        self.chat = Webchat(
            store=self.store, intake=self.bot, vault=PlainSeals(), clock=self.clock, chance=Counted(), naming=lambda: b"n" * 32
        )
        self.bot.chat = self.chat
        self.desk = FakeDesk(self.clock)
        program_ = program()
        vault = Vault(FakeKeys(), now=self.clock.now, entropy=Counted().bytes)
        cases: Any = DeskCases(self.desk)
        library: Any = SimpleNamespace(current=lambda: program_)
        self.view = StageView(
            store=cases, vault=vault, library=library, clock=self.clock, changes=self.desk.changes, told=Counting(), epoch="stage"
        )
        self.view.current()
        self.presence = Presence(store=cases, vault=vault, clock=self.clock, view=self.view, web=self.chat.readers.show_writing)
        chance = Counted()
        self.staff = StaffBook(store=self.store, vault=vault, clock=self.clock, chance=chance)
        self.door = StageDoor(store=self.store, vault=vault, clock=self.clock, chance=chance, book=self.staff, passwords=CheapPasswords())
        self.door.studio = studio
        self.library = StoreLibrary(store=self.store, vault=vault, clock=self.clock, compile_=compiled)
        self.door.library = self.library
        self.workshop: Any = Workshop(
            store=self.store, vault=vault, clock=self.clock, chance=Counted(), library=self.library, bench=InlineBench()
        )  # fmt: skip
        self.census = Census(store=self.store, vault=vault, clock=self.clock, library=self.library, bench=InlineBench())
        self.ready = {"store": True, "flows": True}
        self.alarm = ""
        registry = CollectorRegistry()
        Counter("amana_messages", "Messages by kind.", ["kind"], registry=registry).labels("bot").inc()
        self.parts = WebParts(
            chat=self.chat,
            desk=self.desk,
            staff=self.staff,
            view=self.view,
            presence=self.presence,
            media=MediaDesk(self.desk, lambda _result: None),
            door=self.door,
            program=lambda: program_,
            words=words(),
            clock=self.clock,
            chance=Counted(),
            registry=registry,
            ready={name: self._asked(name) for name in self.ready},
            standing=self._standing,
            alarm=self._alarm,
            recordings=recordings,
            secure=secure,
            studio=StudioParts(workshop=self.workshop, bench=InlineBench(), revisions=self.library, census=self.census) if studio else None,
        )
        self.app: Starlette = build(self.parts)

    def says(self, text_id: str, language: str = "fr", **values: Any) -> str:
        """What pages say under this id."""
        return self.parts.words.say(text_id, language, **values)

    def _asked(self, name: str) -> Any:
        async def works() -> bool:
            return self.ready[name]

        return works

    async def me(self, id_: str = "s1", **fields: Any) -> StaffMember:
        """Who is in by `secret`, or this colleague, changed."""
        await self.door.open()
        member = await self.staff.member(id_)
        assert member is not None
        return await self.staff.change(member, **fields) if fields else member

    async def _alarm(self, teams: Sequence[str] = ()) -> str:
        return self.alarm

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
