"""A draft as it is kept, and what may become of it: every change is a new value, decided here and written by the workshop.

Rule 1: whatever changes the files takes the question and the approval away: a yes holds for one revision.
Rule 2: nobody says yes to a draft they wrote in.
Rule 3: what a name points to is never written anew: the file of a draft is a name, so undo finds the old one as it was.
"""

from typing import Final

import msgspec
from msgspec import Struct, structs

from bot.conversation.keeping.library import Deed, Head
from bot.i18n.plain import plain
from bot.studio.drafts.parts import DraftHead, DraftState, Named, NotAllowed

GONE: Final = ""
"""The draft has no such file, though its base has."""
SAME: Final = "="
"""The draft's file is that of its base."""
ACTS_KEPT = 60
"""Acts that can still be taken back, of all authors together."""
NAMES_KEPT = 400
"""Names of older acts, by which one that is sent again is known."""
TITLE, WORDS = 120, 2000
"""Characters of a title, and of what is said beside a question or an answer."""


class Moved(Struct, frozen=True):
    """What one act did to one file: the names of its text before and after."""

    path: str
    before: str
    after: str


class Act(Struct, frozen=True):
    """One act of one author. `base`: the revision that `SAME` meant then. `clashed`: places of the edits not made, and why."""

    name: str
    by: str
    at: float
    base: str
    moved: tuple[Moved, ...]
    clashed: tuple[tuple[int, str], ...] = ()
    undone: bool = False
    undoes: str = ""
    renamed: tuple[tuple[str, str], ...] = ()
    """Flows that it gave another name: how they were called, and are."""


class Record(Struct, frozen=True, kw_only=True):
    """A draft as kept. `files`: path → name of its text, of those that differ from the base. `deeds`: how many publishes it knew of."""

    id: str
    title: str
    base: str
    revision: str
    began: Named
    changed: Named
    authors: tuple[str, ...] = ()
    state: DraftState = "open"
    files: dict[str, str] = {}
    asked: Named | None = None
    approved: Named | None = None
    sent_back: Named | None = None
    acts: tuple[Act, ...] = ()
    names: tuple[str, ...] = ()
    deeds: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing more is written in it."""
        return self.state in ("published", "dropped")

    def act(self, name: str) -> Act | None:
        """The act of this name, if it can still be told what it did."""
        return next((act for act in self.acts if act.name == name), None)

    def knows(self, name: str) -> bool:
        """Whether an act of this name was done."""
        return name in self.names or self.act(name) is not None

    def renamed(self) -> dict[str, str]:
        """Flows that have another name by now: how they were called, and are; an act taken back counts the other way round."""
        pairs = [(act.undone, *pair) for act in self.acts for pair in act.renamed]
        return {(new if undone else old): (old if undone else new) for undone, old, new in pairs}

    def texts(self) -> frozenset[str]:
        """Names of all texts that this draft needs."""
        kept = {move for act in self.acts for moved in act.moved for move in (moved.before, moved.after)}
        return frozenset({*self.files.values(), *kept} - {GONE, SAME})


to_bytes = msgspec.json.Encoder().encode
from_bytes = msgspec.json.Decoder(Record).decode


def head_of(record: Record) -> DraftHead:
    """Give what pages see of it."""
    standing = {by: last.at for by in record.authors if not record.over and (last := last_of(record, by)) is not None}
    return DraftHead(
        id=record.id, title=record.title, base=record.base, revision=record.revision, began=record.began, authors=record.authors,
        changed=record.changed, state=record.state, files=tuple(sorted(record.files)), asked=record.asked, approved=record.approved,
        sent_back=record.sent_back, undoable=standing, renamed=record.renamed(),
    )  # fmt: skip


def must_be_open(record: Record) -> None:
    """Raise `NotAllowed` if it is over."""
    if record.over:
        raise NotAllowed("over")


def written(record: Record, act: Act, revision: str) -> Record:
    """The draft after an act of an author."""
    files = dict(record.files)
    for moved in act.moved:
        if moved.after == SAME:
            files.pop(moved.path, None)
        else:
            files[moved.path] = moved.after
    acts = tuple(structs.replace(old, undone=True) if old.name == act.undoes else old for old in record.acts)
    old, kept = (*acts, act)[:-ACTS_KEPT], (*acts, act)[-ACTS_KEPT:]
    names = (*record.names, *(each.name for each in old))[-NAMES_KEPT:]
    authors = record.authors if act.by in record.authors else (*record.authors, act.by)
    return _changed(
        structs.replace(record, files=files, acts=kept, names=names, authors=authors), revision, Named(act.by, act.at, revision)
    )


def brought(record: Record, *, base: str, files: dict[str, str], revision: str, deeds: int, now: Named) -> Record:
    """The draft on another base."""
    return _changed(structs.replace(record, base=base, files=files, deeds=deeds), revision, structs.replace(now, revision=revision))


def _changed(record: Record, revision: str, now: Named) -> Record:
    if revision == record.revision:
        return structs.replace(record, changed=now)
    return structs.replace(record, revision=revision, changed=now, state="open", asked=None, approved=None)


def named_anew(record: Record, revision: str) -> Record:
    """A draft of before 2026.12 under the whole name of what it holds; a yes to the shorter name is to be given again."""
    state = "asked" if record.state == "approved" else record.state
    asked = structs.replace(record.asked, revision=revision) if record.asked is not None else None
    return structs.replace(record, revision=revision, state=state, asked=asked, approved=None)


def last_of(record: Record, by: str) -> Act | None:
    """The last act of this author that stands."""
    mine = (act for act in reversed(record.acts) if act.by == by and act.moved and not act.undone and not act.undoes)
    return next(mine, None)


def asked(record: Record, now: Named) -> Record:
    """The draft when a second person is asked; raises `NotAllowed`."""
    must_be_open(record)
    if not record.files:
        raise NotAllowed("nothing")
    return structs.replace(record, state="asked", asked=structs.replace(now, revision=record.revision), approved=None, sent_back=None)


def approved(record: Record, revision: str, now: Named) -> Record:
    """The draft with a yes to this revision of it; raises `NotAllowed`."""
    must_be_open(record)
    if now.by in record.authors:
        raise NotAllowed("own")
    if revision != record.revision:
        raise NotAllowed("changed")
    if record.state not in ("asked", "approved"):
        raise NotAllowed("not-asked")
    return structs.replace(record, state="approved", approved=structs.replace(now, revision=revision))


def sent_back(record: Record, now: Named) -> Record:
    """The draft back with its authors; raises `NotAllowed`."""
    must_be_open(record)
    if record.state not in ("asked", "approved"):
        raise NotAllowed("not-asked")
    back = structs.replace(now, revision=record.revision)
    return structs.replace(record, state="open", asked=None, approved=None, sent_back=back)


def may_publish(record: Record) -> None:
    """Raise `NotAllowed` unless a second person said yes to it as it is."""
    must_be_open(record)
    yes = record.approved
    if record.state != "approved" or yes is None or yes.revision != record.revision or yes.by in record.authors:
        raise NotAllowed("not-approved")


def dropped(record: Record, now: Named) -> Record:
    """The draft given up; raises `NotAllowed` if it was published."""
    if record.state == "dropped":
        return record
    must_be_open(record)
    return structs.replace(record, state="dropped", changed=structs.replace(now, revision=record.revision), asked=None, approved=None)


def taken_up(record: Record, now: Named, head: Head) -> Record:
    """The draft, gone on with: one that was given up, or that was in force and was gone back from. Raises `NotAllowed`."""
    if record.state == "published" and not gone_back(record, head):
        raise NotAllowed("over")
    changed = structs.replace(now, revision=record.revision)
    if not record.over:
        return record
    return structs.replace(record, state="open", changed=changed, asked=None, approved=None, deeds=len(head.deeds))


def gone_back(record: Record, head: Head) -> bool:
    """Whether what this draft was published as is no part of what is in force, because somebody went back behind it."""
    places = [place for place, deed in enumerate(head.deeds) if deed.draft == record.id]
    if record.state != "published" or not places:
        return False
    back = [deed.revision for deed in head.deeds[places[-1] + 1 :] if deed.kind == "rollback"]
    return bool(back) and back[-1] in {deed.revision for deed in head.deeds[: places[-1]]}


def published_by(record: Record, head: Head) -> Deed | None:
    """The deed that put this draft in force and that it does not know of yet."""
    return next((deed for deed in reversed(head.deeds[record.deeds :]) if deed.draft == record.id), None)


def said_why(record: Record) -> bool:
    """Whether whoever said yes said in words why."""
    return record.approved is not None and bool(record.approved.words)


def why(record: Record) -> str:
    """What is kept as the reason of its publish: its title, what was said when a second person was asked, and what that person answered."""
    said = [act.words for act in (record.asked, record.approved) if act is not None]
    return ": ".join(each for each in (record.title, *said) if each)


def words(said: str, most: int) -> str:
    """What somebody wrote, as much as is kept, in signs that can be kept and that steer nothing, on a page or in a terminal."""
    return plain(said.encode("utf-8", "replace").decode()).strip()[:most]
