"""What is different between two bundles, in sentences that a person without YAML can judge.

Rule 1: nothing that changed is missing: a file in which any byte differs gives at least one change, if only *other lines of it*.
Rule 2: it never raises: a file that cannot be read is told by its lines.
Rule 3: pure: two bundles in, the same changes out; the last ones are kept, for the bar and the page ask for the same.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.flow.bundle import FLOWS, Bundle, flow_name
from bot.flow.tree import Plain, plain
from bot.studio.comparing.changes import AREAS, Area, Beside, Change, Words
from bot.studio.comparing.chatdiff import lines_changed
from bot.studio.comparing.flowdiff import flow_changes
from bot.studio.comparing.naming import Names
from bot.studio.comparing.servicediff import FILES, ServiceDiff
from bot.studio.comparing.sides import Sides
from bot.studio.comparing.textdiff import Texts
from bot.studio.editing.flowedits import with_renames
from bot.studio.files.renaming_flow import renames


@lru_cache(maxsize=4)
def difference(before: Bundle, after: Bundle) -> tuple[Change, ...]:
    """Every change, by area: flows first, each in the order of its steps, tests and other lines last."""
    if before == after:
        return ()
    named = renames(before, after)
    work = _Work(with_renames(before, before, after), after)
    return tuple(sorted([*work.renamed(named), *work.changes()], key=lambda change: AREAS.index(change.area)))


class _Work:
    def __init__(self, before: Bundle, after: Bundle) -> None:
        self._was, self._is = before, after
        self._before, self._after = Names(before), Names(after)
        self._texts = Texts(self._before, self._after)

    def renamed(self, named: Sequence[tuple[str, str]]) -> Iterator[Change]:
        """Flows that have another name; all else is compared as if they had had it before."""
        for was, flow in named:
            says = Words("difference.flow-renamed", {"flow": self._after.flow(flow), "was": was})
            yield Change(says=says, area="flow", file=f"{FLOWS}{flow}.yaml", flow=flow)

    def changes(self) -> list[Change]:
        paths = [path for path in dict.fromkeys((*self._is, *self._was)) if self._was.get(path) != self._is.get(path)]
        found = [change for path in paths for change in self._of_file(path)]
        found += self._texts.rest()
        catalogs = {path: language for names in (self._before, self._after) for language, path in names.bundle.catalog_paths().items()}
        told = {change.file for change in found} | {path for path, of in catalogs.items() if of in self._texts.languages_told}
        for path in paths:
            found += self._lines(path) if path not in told else self._comments(path)
        return sorted(found, key=lambda change: AREAS.index(change.area))

    def _of_file(self, path: str) -> Iterator[Change]:
        if path.endswith(".chat"):
            yield from self._test(path)
        elif path in FILES:
            yield from self._service(path)
        elif path in self._was.flow_paths() or path in self._is.flow_paths():
            yield from self._flow(path)

    def _flow(self, path: str) -> Iterator[Change]:
        name = flow_name(path)
        was, is_ = name in self._before.draft.flows, name in self._after.draft.flows
        if was and is_:
            yield from flow_changes(Sides(self._before, self._after, name, path, self._texts))
        elif path not in self._was or path not in self._is:
            kind, names = ("added", self._after) if path in self._is else ("removed", self._before)
            texts = self._texts.take(*self._texts.waiting(name))
            flow = names.draft.flows.get(name)
            says = Words(f"difference.flow-{kind}", {"flow": names.flow(name), "n": len(flow.steps) if flow is not None else 0})
            yield Change(says=says, area="flow", file=path, flow=name, texts=texts)
        else:
            yield self._unread(path)

    def _service(self, path: str) -> Iterator[Change]:
        was, is_ = self._tree(self._before, path), self._tree(self._after, path)
        if was is not None and is_ is not None:
            yield from ServiceDiff(self._before, self._after, path, self._texts).changes(was, is_)
        elif path not in self._was or path not in self._is:
            kind = "added" if path in self._is else "removed"
            yield Change(says=Words(f"difference.file-{kind}", {"file": path}), area=FILES[path], file=path, texts=(self._whole(path),))
        else:
            yield self._unread(path)

    def _unread(self, path: str) -> Change:
        self._texts.take(*self._texts.of_file(path))
        kind = "broken" if path not in self._after.draft.trees else "whole-again"
        area: Area = FILES.get(path, "flow")
        flow = flow_name(path) if area == "flow" else ""
        return Change(says=Words(f"difference.file-{kind}", {"file": path}), area=area, file=path, flow=flow, texts=(self._whole(path),))

    def _tree(self, names: Names, path: str) -> "Plain | None":
        return plain(names.draft.trees[path]) if path in names.draft.trees else None

    def _test(self, path: str) -> Iterator[Change]:
        kind = "changed" if path in self._was and path in self._is else "added" if path in self._is else "removed"
        name = path.rpartition("/")[2].removesuffix(".chat")
        told = lines_changed(self._before, self._after, self._was[path], self._is[path], name) if kind == "changed" else []
        whole = Words(f"difference.test-{kind}", {"test": name})
        yield Change(says=told[0] if told else whole, area="tests", file=path, texts=(self._whole(path),))
        for says in told[1:]:
            yield Change(says=says, area="tests", file=path)

    def _whole(self, path: str) -> Beside:
        return Beside(path, "", self._was.get(path, ""), self._is.get(path, ""))

    def _lines(self, path: str) -> Iterator[Change]:
        if path not in self._was or path not in self._is:
            kind = "added" if path in self._is else "removed"
            yield Change(says=Words(f"difference.file-{kind}", {"file": path}), area="other", file=path, texts=(self._whole(path),))
        else:
            yield Change(says=Words("difference.other-lines", {"file": path}), area="other", file=path, texts=(self._whole(path),))

    def _comments(self, path: str) -> Iterator[Change]:
        """Comments of a file whose other changes are told already."""
        if path.endswith(".chat") or path not in self._was or path not in self._is:
            return
        was, is_ = _comments(self._was[path]), _comments(self._is[path])
        if was != is_:
            beside = Beside(path, "", "\n".join(was), "\n".join(is_))
            yield Change(says=Words("difference.comments", {"file": path}), area="other", file=path, texts=(beside,))


def _comments(text: str) -> list[str]:
    """What follows a sign of a comment; a text that holds one counts too, which shows no less than there is."""
    lines = [line.strip() for line in text.splitlines() if not line.startswith(("#:", "#.", "#,", "#|", "#~", "msg", '"'))]
    return [line if line.startswith("#") else line[line.index(" # ") + 1 :] for line in lines if line.startswith("#") or " # " in line]
