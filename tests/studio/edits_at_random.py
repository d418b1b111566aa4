"""Edits as authors make them, at random places of a bundle: each with its inverse, and the lines that it may touch."""

import random
from dataclasses import dataclass

from bot.flow.outline import outline
from bot.flow.tree import Items, Scalar, Table
from bot.studio.editing.edits import AddStep, Confirm, Edit, MoveStep, RemoveStep, RenameStep, SetText, SetValue, WriteFile
from bot.studio.editing.sources import sources_of_bundle
from bot.studio.files.layout import order_of, pattern
from bot.studio.files.reading import place_of, text_of, value_at
from bot.studio.files.refit import bare
from tests.studio.shipped import difference

WORDS = [
    "help",
    "home",
    "free",
    "yes",
    "no",
    "You",
    "can",
    "ask.",
    "Never:",
    "pay",
    "Is",
    "#1",
    "it",
    "true?",
    "-",
    "dash",
    '"quoted"',
    "it's",
    "café",
    "لا",
    "نعم",
    "مساعدة",
    "{bot.org}",
    "14",
    "+213",
    "2027-01-01",
    "100",
    "%",
    "@",
    "me\n[brackets]",
    "{braces}",
    "*star",
    "&",
    "and",
    "|",
    "bar",
    ">",
    "more",
    "!",
    "wow",
    "`tick`",
    "null",
    "~",
    "a,b",
    "x:y",
    "http://a.b/c",
    "end:",
    "’",
    "…",
    "\xa0",
    "https",
]


@dataclass(frozen=True)
class Try:
    """An edit, what takes it back exactly (None: nothing does), and the file and lines (from, to; of the file before) that it is about."""

    edit: Edit
    back: Edit | None
    file: str
    lines: tuple[int, int] | None = None


class Author:
    """Makes edits of every kind."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def sentence(self) -> str:
        words = " ".join(self.chance.choices(WORDS, k=self.chance.randint(1, 8))).strip()
        return words.strip("\u00a0 ") or "x"

    def text(self) -> str:
        lines = [self.sentence() for _ in range(self.chance.choice([1, 1, 1, 2, 3]))]
        return "\n\n".join(lines) if self.chance.random() < 0.05 else "\n".join(lines)

    def name(self, start: str = "n") -> str:
        return f"{start}-{self.chance.randrange(10**6)}"

    def act(self, bundle) -> Try | None:
        kinds = [
            (self.source_text, 6), (self.translation, 4), (self.confirm, 1), (self.scalar, 6), (self.new_key, 4), (self.gone, 4),
            (self.listed, 4), (self.mapped, 4), (self.add_step, 3), (self.move_step, 3), (self.remove_step, 1), (self.rename_step, 2), (self.file, 2),
        ]  # fmt: skip
        kind = self.chance.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
        return kind(bundle)

    def source_text(self, bundle):
        id_ = self.chance.choice([id_ for id_ in sources_of_bundle(bundle) if not id_.startswith(("unit.", "hours."))])
        was, text, place = text_of(bundle, id_, "en"), self.text(), place_of(bundle, id_)
        back = SetText(id_, "en", was, text)
        return Try(SetText(id_, "en", text, was), back, place.file, lines_of(bundle, place.file, place.path))

    def translation(self, bundle):
        id_, language = (
            self.chance.choice([id_ for id_ in sources_of_bundle(bundle) if not id_.startswith("unit.")]),
            self.chance.choice(["fr", "ar"]),
        )
        was, text = text_of(bundle, id_, language), self.text()
        return Try(SetText(id_, language, text, was), SetText(id_, language, was, text), bundle.catalog_paths()[language])

    def confirm(self, bundle):
        language = self.chance.choice(["fr", "ar"])
        sources = sources_of_bundle(bundle)
        id_ = self.chance.choice(list(sources))
        return Try(Confirm(id_, language, sources[id_].text), None, bundle.catalog_paths()[language])

    def scalar(self, bundle):
        file, path, _ = self.spot(bundle, lambda node: isinstance(node, Scalar))
        was = value_at(bundle, file, path)
        value = self.chance.choice([self.sentence(), self.name(), "yes", "no", "12", "2027-03-31", was + " more"])
        return Try(
            SetValue(file, path, value, was), SetValue(file, self.called(path, value), was, value), file, lines_of(bundle, file, path)
        )

    def called(self, path, value):
        """Where the thing is after it got another name."""
        return path

    def new_key(self, bundle):
        def has_room(place, node):
            return isinstance(node, Table) and any(key not in node.entries for key in order_of(place))

        file, path, node = self.spot(bundle, has_room, of_place=True)
        key = self.chance.choice([key for key in order_of(pattern(file, path)) if key not in node.entries])
        value = self.chance.choice([self.text(), "yes", ["a", "b"], {"yes": "end"}, {"one": "One: two", "two": "Two\nlines"}])
        edit = SetValue(file, (*path, key), value, None)
        return Try(edit, SetValue(file, (*path, key), None, value), file, lines_of(bundle, file, path))

    def gone(self, bundle):
        def is_one_of_several(node):
            return isinstance(node, Items | Table) and len(bare(node)) > 1

        file, path, node = self.spot(bundle, is_one_of_several)
        keys = list(node.entries) if isinstance(node, Table) else [f"#{number}" for number in range(len(node.items))]
        path = (*path, self.chance.choice(keys))
        was = value_at(bundle, file, path)
        return Try(SetValue(file, path, None, was), None, file, lines_of(bundle, file, path, above=True))

    def listed(self, bundle):
        file, path, _node = self.spot(
            bundle, lambda node: isinstance(node, Items) and len(node.items) < 12 and all(isinstance(item, Scalar) for item in node.items)
        )
        was = value_at(bundle, file, path)
        value = [item for item in was if self.chance.random() < 0.8]
        for _ in range(self.chance.randrange(3)):
            value.insert(self.chance.randint(0, len(value)), self.sentence())
        return Try(SetValue(file, path, value, was), SetValue(file, path, was, value), file, lines_of(bundle, file, path, above=True))

    def mapped(self, bundle):
        def is_free(place, node):
            return isinstance(node, Table) and not order_of(place) and len(node.entries) < 30

        file, path, _node = self.spot(bundle, is_free, of_place=True)
        was = value_at(bundle, file, path)
        pairs = list(was.items())
        match self.chance.randrange(4):
            case 0:
                pairs.insert(self.chance.randint(0, len(pairs)), (self.name(), self.text()))
            case 1:
                self.chance.shuffle(pairs)
            case 2 if len(pairs) > 1:
                pairs.pop(self.chance.randrange(len(pairs)))
            case _:
                at = self.chance.randrange(len(pairs)) if pairs else 0
                pairs[at : at + 1] = [(self.name(), pairs[at][1] if pairs else "x")]
        value = dict(pairs)
        return Try(SetValue(file, path, value, was), SetValue(file, path, was, value), file, lines_of(bundle, file, path, above=True))

    def step(self):
        name = self.name()
        return self.chance.choice([
            {"say": name, "text": self.text(), "source": ["GADEM"]},
            {"say": name, "listen": "yes", "text": self.text(), "if": "known country"},
            {"ask": name, "text": self.text(), "choices": {"yes": "Yes", "maybe": self.sentence()}, "go": {"yes": "end"}, "skip": "yes"},
            {"pages": name, "list": [{"page": "one", "text": self.text()}, {"page": "two", "text": "A: b", "source": ["GADEM"]}]},
            {"decide": name, "rows": [{"if": "known country", "go": "end", "source": "GADEM"}, {"go": "leave", "source": ["GADEM", "IOM-RR"]}]},
            {"go": "menu"},
            {"end": ""},
        ])  # fmt: skip

    def add_step(self, bundle):
        flow, keys = self.flow(bundle)
        step, after = self.step(), self.chance.choice(["", *keys])
        name = next(iter(step.values())) if len(step) > 1 else None
        key = name or ("#0" if after == "" else f"#{keys.index(after) + 1}")
        texts = {"fr": {f"{flow}.{name}": "Bonjour"}} if "text" in step else {}
        return Try(AddStep(flow, after, step, texts), RemoveStep(flow, key) if after != "" else None, f"flows/{flow}.yaml", (0, 0))

    def move_step(self, bundle):
        flow, keys = self.flow(bundle)
        if len(keys) < 2:
            return None
        key = self.chance.choice(keys)
        after = self.chance.choice(["", *(other for other in keys if other != key)])
        number, target = keys.index(key), 0 if after == "" else keys.index(after) + 1
        landed = target if target <= number else target - 1
        after_back = number - 1 if landed >= number else number
        named = [other for other in keys if other != key]
        order = [*named[:landed], key, *named[landed:]]
        before = None if number == 0 else keys[number - 1]
        key_now = key if not key.startswith("#") else f"#{landed}"
        back_after = "" if before is None else before if not before.startswith("#") else f"#{order.index(before)}"
        del after_back
        return Try(MoveStep(flow, key, after), MoveStep(flow, key_now, back_after), f"flows/{flow}.yaml")

    def remove_step(self, bundle):
        flow, keys = self.flow(bundle)
        key = self.chance.choice(keys)
        number = keys.index(key)
        return Try(
            RemoveStep(flow, key), None, f"flows/{flow}.yaml", lines_of(bundle, f"flows/{flow}.yaml", ("steps", f"#{number}"), above=True)
        )

    def rename_step(self, bundle):
        flow, keys = self.flow(bundle)
        names = [key for key in keys if not key.startswith("#")]
        if not names:
            return None
        name, to = self.chance.choice(names), self.name()
        return Try(RenameStep(flow, name, to), RenameStep(flow, to, name), f"flows/{flow}.yaml")

    def file(self, bundle):
        file = self.chance.choice([path for path in bundle if path.endswith((".yaml", ".chat"))])
        was = bundle[file]
        lines = was.split("\n")
        number = self.chance.randrange(len(lines))
        text = "\n".join([*lines[:number], "# a comment of mine", *lines[number:]])
        return Try(WriteFile(file, text, was), WriteFile(file, was, text), file, (number, number))

    def flow(self, bundle):
        file = self.chance.choice([path for path in bundle.flow_paths() if outline(bundle[path]).root is not None])
        items = outline(bundle[file]).node(("steps",)).items
        from bot.flow.outline import name_of

        keys = [name_of(item, steps=True) or f"#{number}" for number, item in enumerate(items)]
        return file.removeprefix("flows/").removesuffix(".yaml"), keys

    def spot(self, bundle, fits, of_place=False):
        while True:
            file = self.chance.choice([path for path in bundle if path.startswith("flows/") and path.endswith(".yaml")])
            found = []
            todo = [((), outline(bundle[file]).root)]
            while todo:
                path, node = todo.pop()
                if path and (fits(pattern(file, path), node) if of_place else fits(node)):
                    found.append((path, node))
                if isinstance(node, Table):
                    todo += [((*path, key), entry.value) for key, entry in node.entries.items()]
                elif isinstance(node, Items):
                    todo += [((*path, f"#{number}"), item) for number, item in enumerate(node.items)]
            if found:
                path, node = self.chance.choice(found)
                return file, path, node


def lines_of(bundle, file, path, above=False):
    """The lines, from 0, of what stands at the path (else of what holds it), and with `above` its comments and those between."""
    seen = outline(bundle[file])
    while (spot := seen.spot(path)) is None:
        path = path[:-1]
    start = seen.comments_above(spot.start) if above else seen.line_start(spot.start)
    if above:
        start = seen.gap_above(start)
    return seen.text.count("\n", 0, start), seen.text.count("\n", 0, max(spot.node.span.end, spot.start))


__all__ = ["Author", "Try", "difference", "lines_of"]
