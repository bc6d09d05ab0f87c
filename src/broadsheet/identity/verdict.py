"""Is this the same work? Rules over the evidence, each with a reason that a person can check.

What the rules rest on, besides the labelled pairs of `eval identity`:

* An equal title and one author in common is the same work: among 47,690 venue and 211,126 arXiv records no such pair
  was anything else. Titles of a word or two ("Editorial") need more.
* Renamed works keep their people and much of their abstract. Of 111,786 pairs of 2025's arXiv papers that share half
  of their authors, 26 have a mean overlap above .27, and most of these are versions of one work. What the same people
  write next shares the less with it the more they are: of pairs by six or more, none below .1 was a version, and
  hardly one above was anything else; single authors and pairs reuse their sentences up to .4.
* Sister papers (parts, editions, one word exchanged) have near titles and share sentences: near titles need more.
* Other people are another work, unless the abstract is a copy.
"""

from dataclasses import dataclass

from broadsheet.identity.evidence import People, Titles, abstracts, people, titles, years_apart
from broadsheet.identity.sketch import Overlap
from broadsheet.text import title_key
from broadsheet.types import Work

# Mean overlap of abstracts that makes works one although their titles differ:
WHOLE_TEAM = 0.1  # six people or more, all the same, within a year
SAME_PEOPLE = 0.2  # three people or more, all the same, within a year
RENAMED = 0.27  # three people or more in common, half of the shorter list at least
SISTER = 0.36  # as these, but the titles are near; or one or two people
FEW_PEOPLE = 0.45  # less than half of the people, or one of several
UNKNOWN_PEOPLE = 0.5  # one record names no authors
SERIES = 0.7  # the titles differ in a part, edition, version or year
COPY = 0.85  # all names differ: one list is broken, or holds accounts instead of names

_NEAR = 0.7  # word Jaccard from which two titles are near; pairs of sister papers begin there
_LIKE = 0.5  # word Jaccard that hardly any other title by the same three people has: 25 in 40,717 papers
_LONG_TITLE = 24  # letters of a title that two works hardly have by chance
_SHORT_TITLE = 12  # letters up to which a title may be that of a column: "Editorial", "Introduction"
_SOME = 3  # people
_MANY = 6


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two works are one; `score` is 0..1 and at least .5 where they are; `reason` is for people."""

    same: bool
    score: float
    reason: str


def compare(a: Work, b: Work) -> Verdict:
    """Whether two works are one by title, people, year and abstract; their ids are not looked at. Symmetric."""
    group = people(a.authors, b.authors)
    key, other = title_key(a.title), title_key(b.title)
    if key == other and key:
        return _equal_titles(a, b, group, len(key))
    return _other_titles(a, b, group)


def _yes(score: float, reason: str) -> Verdict:
    return Verdict(True, round(min(1.0, max(0.5, score)), 4), reason)


def _no(score: float, reason: str) -> Verdict:
    return Verdict(False, round(max(0.0, min(0.499, score)), 4), reason)


def _graded(mean: float, need: float, reason: str) -> Verdict:
    """The verdict of an overlap against what is needed: .5 at the need itself."""
    if mean >= need:
        return _yes(0.5 + 0.5 * (mean - need) / (1 - need), reason)
    return _no(0.5 * mean / need, reason)


def _equal_titles(a: Work, b: Work, group: People, length: int) -> Verdict:
    years = years_apart(a, b)
    if group.known and group.shared == 0:
        return _by_abstract(abstracts(a, b), UNKNOWN_PEOPLE, "same title, but no author in common")
    if length <= _SHORT_TITLE and years != 0:
        return _by_abstract(abstracts(a, b), RENAMED, f"same short title, {_count(group)}")
    if group.known:
        return _yes(0.9 + 0.1 * group.share, f"same title, {_count(group)}")
    shared = abstracts(a, b)
    if shared is not None:
        return _graded(shared.mean, RENAMED, f"same title, authors unknown, {_amount(shared)}")
    if length >= _LONG_TITLE and (years is None or years <= 1):
        return _yes(0.7, "same long title, authors and abstract unknown")
    return _no(0.4, "same title, but too short or too far apart in time to say, authors unknown")


def _by_abstract(shared: Overlap | None, need: float, what: str) -> Verdict:
    if shared is None:
        return _no(0.3, f"{what}, no abstracts to compare")
    return _graded(shared.mean, need, f"{what}, {_amount(shared)}")


def _other_titles(a: Work, b: Work, group: People) -> Verdict:
    shared, years = abstracts(a, b), years_apart(a, b)
    if group.known and group.shared == 0 and (shared is None or shared.mean < COPY):
        return _no(0.1 * (shared.mean if shared else 0.0), "other title, no author in common")
    title = titles(a.title, b.title)
    if shared is None:
        return _without_abstracts(group, title, years)
    need, why = _need(group, title, years)
    verdict = _graded(shared.mean, need, f"{why}, {_count(group)}, {_amount(shared)}")
    if not verdict.same and _one_name(group, title, years):
        return _yes(0.55, f"both are called {title.name} and have the same {group.of} authors, {_amount(shared)}")
    return verdict


def _need(group: People, title: Titles, years: int | None) -> tuple[float, str]:
    """The mean overlap of abstracts that these people and titles need, and the words for it."""
    if title.numbers:
        return SERIES, f"the titles differ in {', '.join(title.numbers)}"
    if not group.known:
        return UNKNOWN_PEOPLE, "other title"
    if group.shared == 0:
        return COPY, "other title"
    if group.share < 0.5 or (group.shared == 1 and not group.all_same):
        return FEW_PEOPLE, "other title"
    if title.alike >= _NEAR:
        return SISTER, "near title"
    return _need_of_people(group, years), "other title"


def _need_of_people(group: People, years: int | None) -> float:
    if group.shared < _SOME:
        return SISTER
    if not group.all_same or (years or 0) > 1:
        return RENAMED
    return WHOLE_TEAM if group.shared >= _MANY else SAME_PEOPLE


def _one_name(group: People, title: Titles, years: int | None) -> bool:
    """All people again, under a name that they coined: a rewritten abstract does not make it another work."""
    return bool(title.name) and not title.numbers and group.all_same and group.of > _SOME and (years or 0) <= 1


def _without_abstracts(group: People, title: Titles, years: int | None) -> Verdict:
    if title.numbers:
        return _no(0.2, f"the titles differ in {', '.join(title.numbers)}, no abstracts to compare")
    near_in_time = years is None or years <= 1
    team = group.share >= 0.8 and near_in_time
    if team and title.extended and group.of > 1:
        return _yes(0.7, f"one title goes on where the other ends, {_count(group)}, no abstracts to compare")
    if team and title.alike >= _LIKE and group.of >= _SOME:
        return _yes(0.6, f"like title, {_count(group)}, no abstracts to compare")
    if _one_name(group, title, years):
        return _yes(0.6, f"both are called {title.name} and have the same {group.of} authors")
    return _no(0.4 * title.alike, f"other title, {_count(group)}, no abstracts to compare")


def _count(group: People) -> str:
    if not group.known:
        return "authors unknown"
    return f"{group.shared} of {group.of} {'author' if group.of == 1 else 'authors'} in common"


def _amount(shared: Overlap) -> str:
    return f"{shared.contained:.0%} of the shorter abstract in the other"
