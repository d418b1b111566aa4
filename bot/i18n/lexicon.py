"""The words people type, compiled: global words, danger words, spellings of answers.

Rule 1: a lexicon reads folded text (`bot.i18n.fold`) and never keeps, changes or guesses it: whole words, no likeness.
Rule 2: looking a message up costs a walk from each of its words, however many spellings there are.
Rule 3: it never raises on a message. A spelling that folds to nothing, or to more than 40 words, is in no list.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.i18n.fold import fold

Spellings: TypeAlias = Mapping[str, Sequence[str]] | Sequence[str]
"""Spellings by language, or of no language."""

GAP = "..."
REACH = 8
"""`a ... b`: b begins within so many words after a."""

_LONGEST = 40
_ARABIC_NO = "la"
_LANGUAGE_ORDER = ("ar", "fr", "en")
_SPOKEN = {"ar-latn": "ar"}


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a spelling stands for. `rank`: place of its group in the file. `language`: none where the list has none."""

    name: str
    rank: int
    language: str
    denies: bool = False


@dataclass(frozen=True, slots=True)
class _Node:
    """A place in the tree of spellings: the words that may come next, those that may begin so, what may come later, what ends here."""

    words: Mapping[str, "_Node"]
    beginnings: Mapping[str, "_Node"]
    later: "_Node | None"
    ends: tuple[_Entry, ...]


_Span: TypeAlias = tuple[int, int]
_Atoms: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A spelling found: what it stands for, and the runs of words it covers."""

    entry: _Entry
    spans: tuple[_Span, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The compiled words; `compile_lexicon` makes it."""

    _filler: _Node
    _global: _Node
    _danger: _Node
    _answers: _Node

    def global_word(self, folded: str) -> tuple[str, str] | None:
        """(Name, language) of the global word that the whole message is, less filler words; None if it is none."""
        for words in self._readings(folded):
            found = _best(_whole(self._global, words))
            if found is not None:
                return found.name, found.language
        return None

    def danger(self, folded: str, besides: Collection[str] = ()) -> tuple[str, str] | None:
        """(Group, language) of the first danger group that the message holds words of and is not in `besides`, or None.

        One inside a longer spelling of any group is not counted: `me tuer` is not heard in `il va me tuer`.
        """
        found = list(_within(self._danger, folded.split()))
        if not found:
            return None
        hits = [one for one in found if not one.entry.denies]
        denied = {one.entry.name for one in found if one.entry.denies}
        covered = _cover(hits)
        best = _best(
            one.entry
            for one in hits
            if one.entry.name not in denied and one.entry.name not in besides and not all(covered(span) for span in one.spans)
        )
        return None if best is None else (best.name, best.language)

    def answer_exact(self, folded: str, keys: Collection[str], language: str = "") -> str | None:
        """The one key of `keys` that the whole message spells (or is), less filler words; None if none or several.

        `language`: that of the conversation; `la` is no in Arabic only, elsewhere it is an article and nothing.
        """
        for words in self._readings(folded):
            fitting = {entry.name for entry in _whole(self._answers, words) if entry.name in keys}
            said = " ".join(words)
            fitting.update(key for key in keys if key.replace("-", " ") == said)
            if language == "ar" and said == _ARABIC_NO and "no" in keys:
                fitting.add("no")
            if fitting:
                return fitting.pop() if len(fitting) == 1 else None
        return None

    def answers_contained(self, folded: str, keys: Collection[str]) -> set[str]:
        """Those of `keys` with a spelling in the message as whole words; one inside a longer spelling of any key is not counted."""
        found = list(_within(self._answers, folded.split()))
        covered = _cover(found)
        return {one.entry.name for one in found if one.entry.name in keys and not all(covered(span) for span in one.spans)}

    def _readings(self, folded: str) -> Iterator[Sequence[str]]:
        words = folded.split()
        if words:
            yield words
        rest = self._less_filler(words)
        if rest and len(rest) < len(words):
            yield rest

    def _less_filler(self, words: Sequence[str]) -> Sequence[str]:
        if self._filler.words.keys().isdisjoint(words) and not self._filler.beginnings:
            return words
        rest: list[str] = []
        at = 0
        while at < len(words):
            end = max((spans[-1][1] for _, spans in _walk(self._filler, words, at)), default=at)
            if end == at:
                rest.append(words[at])
                end += 1
            at = end
        return rest


def compile_lexicon(
    filler: Spellings,
    global_: Mapping[str, Spellings],
    danger: Mapping[str, Mapping[str, object]],
    answers: Mapping[str, Spellings],
) -> Lexicon:
    """The lexicon of plain lists. `danger`: group → its `words` and `unless`; other keys of a group are not read."""
    return Lexicon(
        _filler=_tree(_entries({"filler": filler})),
        _global=_tree(_entries(global_)),
        _danger=_tree(
            [
                *_entries({name: group.get("words") for name, group in danger.items()}),
                *_entries({name: group.get("unless") for name, group in danger.items()}, denies=True),
            ]
        ),
        _answers=_tree(_entries(answers)),
    )


def _entries(lists: Mapping[str, object], *, denies: bool = False) -> Iterator[tuple[_Atoms, _Entry]]:
    for rank, (name, spellings) in enumerate(lists.items()):
        for language, spelling in _listed(spellings):
            atoms = _atoms(spelling)
            if 0 < len(atoms) <= _LONGEST:
                yield atoms, _Entry(name, rank, _SPOKEN.get(language, language), denies)


def _listed(spellings: object) -> Iterator[tuple[str, str]]:
    if isinstance(spellings, Mapping):
        for language, listed in spellings.items():
            for _, spelling in _listed(listed):
                yield str(language), spelling
    elif isinstance(spellings, str):
        yield "", spellings
    elif isinstance(spellings, Iterable):
        for spelling in spellings:
            yield "", str(spelling)


def _atoms(spelling: str) -> _Atoms:
    """Folded words, `word*` for a beginning, GAP between parts that stand apart."""
    atoms: list[str] = []
    for part in spelling.replace("…", GAP).split(GAP):
        words: list[str] = []
        for word in part.split():
            folded = fold(word.rstrip("*")).split()
            if folded and word.endswith("*"):
                folded[-1] += "*"
            words += folded
        if words:
            atoms += [GAP, *words] if atoms else words
    return tuple(atoms)


def _tree(entries: Iterable[tuple[_Atoms, _Entry]]) -> _Node:
    branches: dict[str, list[tuple[_Atoms, _Entry]]] = {}
    ends: dict[_Entry, None] = {}
    for atoms, entry in entries:
        if atoms:
            branches.setdefault(atoms[0], []).append((atoms[1:], entry))
        else:
            ends[entry] = None
    nodes = {atom: _tree(rest) for atom, rest in branches.items()}
    return _Node(
        words={atom: node for atom, node in nodes.items() if atom != GAP and not atom.endswith("*")},
        beginnings={atom[:-1]: node for atom, node in nodes.items() if atom.endswith("*")},
        later=nodes.get(GAP),
        ends=tuple(ends),
    )


def _walk(node: _Node, words: Sequence[str], at: int) -> Iterator[tuple[_Node, tuple[_Span, ...]]]:
    """Every node with an end that the words from `at` on lead to, and the words covered on the way."""
    asides: list[tuple[_Node, int, int, tuple[_Span, ...]]] = []
    here: _Node | None = node
    before: tuple[_Span, ...] = ()
    begin = end = at
    while here is not None:
        if here.ends:
            yield here, (*before, (begin, end))
        if here.later is not None:
            spans = (*before, (begin, end))
            asides.extend((here.later, later, later, spans) for later in range(end, min(end + REACH, len(words))))
        word = words[end] if end < len(words) else ""
        if here.beginnings:
            asides.extend((node, begin, end + 1, before) for start, node in here.beginnings.items() if word.startswith(start))
        here = here.words.get(word)
        end += 1
        if here is None and asides:
            here, begin, end, before = asides.pop()


def _whole(tree: _Node, words: Sequence[str]) -> Iterator[_Entry]:
    if words[0] not in tree.words and not tree.beginnings:
        return
    for node, spans in _walk(tree, words, 0):
        if spans[-1][1] == len(words):
            yield from node.ends


def _within(tree: _Node, words: Sequence[str]) -> Iterator[_Found]:
    if tree.words.keys().isdisjoint(words) and not tree.beginnings:
        return
    for at, word in enumerate(words):
        if word in tree.words or tree.beginnings:
            for node, spans in _walk(tree, words, at):
                for entry in node.ends:
                    yield _Found(entry, spans)


def _best(entries: Iterable[_Entry]) -> _Entry | None:
    """The entry earliest in the file; of one name in several languages, Arabic, then French, then English."""
    return min(entries, key=lambda entry: (entry.rank, _language_rank(entry.language)), default=None)


def _language_rank(language: str) -> int:
    return _LANGUAGE_ORDER.index(language) if language in _LANGUAGE_ORDER else len(_LANGUAGE_ORDER)


def _cover(found: Collection[_Found]) -> Callable[[_Span], bool]:
    """Tells whether a run of words lies inside a longer run that was found."""
    ends: dict[int, int] = {}
    for one in found:
        for begin, end in one.spans:
            ends[begin] = max(end, ends.get(begin, end))
    furthest, so_far = {}, 0
    for begin in sorted(ends):
        furthest[begin] = so_far
        so_far = max(so_far, ends[begin])
    return lambda span: furthest[span[0]] >= span[1] or ends[span[0]] > span[1]
