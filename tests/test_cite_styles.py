"""References: each style's way with names, titles and dates, and what holds for every paper."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet import cite
from broadsheet.types import Author, Paper

DAY = datetime(2025, 11, 20, 5, tzinfo=UTC)


def _paper(
    names: tuple[str, ...],
    title: str = "Tidal clocks",
    venue: str | None = None,
    published: datetime | None = DAY,
    ids: tuple[str, ...] = ("arxiv:2511.00001",),
) -> Paper:
    return Paper(
        key=ids[0],
        aliases=ids,
        added=DAY,
        title=title,
        authors=tuple(map(Author, names)),
        venue=venue,
        published=published,
    )


def _text(paper: Paper, style: str) -> str:
    return "".join(f"*{piece.text}*" if piece.slanted else piece.text for piece in cite.reference(paper, style))


PREPRINT = _paper(("Ludwig van Beethoven", r"J\'er\^ome Jean-Pierre Quay Jr."))
ARTICLE = _paper(("Ann Bee", "Cy Dow", "Eve Fox"), venue="Journal of Tides", ids=("doi:10.1/x",))
TALK = _paper(("Ann Bee",), title='Are "we" there yet?', venue="Proceedings of CVPR 2025")


@pytest.mark.parametrize(
    ("style", "told"),
    [
        ("APA", "Bee, A. (2025). "),
        ("MLA", "*arXiv*, Nov. 2025, arxiv.org"),
        ("Chicago", "Preprint, arXiv, November. "),
        ("IEEE", ",” 2025, arXiv:2511.00001"),
        ("Vancouver", "arXiv. 2025 Nov. Available"),
    ],
)
def test_month_of_the_id(style: str, told: str) -> None:
    """A preprint that no source dated has the year of its id, and the month where the style has one."""
    assert told in _text(_paper(("Ann Bee",), published=None), style)


@pytest.mark.parametrize(
    ("style", "preprint", "article", "talk"),
    [
        (
            "APA",
            (
                "van Beethoven, L., & Quay, J. J.-P., Jr. (2025). *Tidal clocks* (arXiv:2511.00001). arXiv. "
                "https://arxiv.org/abs/2511.00001"
            ),
            "Bee, A., Dow, C., & Fox, E. (2025). Tidal clocks. *Journal of Tides*. https://doi.org/10.1/x",
            'Bee, A. (2025). Are "we" there yet? In *Proceedings of CVPR 2025*. https://arxiv.org/abs/2511.00001',
        ),
        (
            "MLA",
            (
                "van Beethoven, Ludwig, and Jérôme Jean-Pierre Quay Jr. “Tidal clocks.” *arXiv*, 20 Nov. 2025, "
                "arxiv.org/abs/2511.00001."
            ),
            "Bee, Ann, et al. “Tidal clocks.” *Journal of Tides*, 2025, https://doi.org/10.1/x.",
            "Bee, Ann. “Are ‘we’ there yet?” *Proceedings of CVPR 2025*, 2025, arxiv.org/abs/2511.00001.",
        ),
        (
            "Chicago",
            (
                "van Beethoven, Ludwig, and Jérôme Jean-Pierre Quay Jr. 2025. “Tidal clocks.” Preprint, arXiv, "
                "November 20. https://arxiv.org/abs/2511.00001."
            ),
            "Bee, Ann, Cy Dow, and Eve Fox. 2025. “Tidal clocks.” *Journal of Tides*. https://doi.org/10.1/x.",
            "Bee, Ann. 2025. “Are ‘we’ there yet?” In *Proceedings of CVPR 2025*. https://arxiv.org/abs/2511.00001.",
        ),
        (
            "IEEE",
            (
                "L. van Beethoven and J. J.-P. Quay Jr., “Tidal clocks,” 2025, arXiv:2511.00001. "
                "[Online]. Available: https://arxiv.org/abs/2511.00001"
            ),
            "A. Bee, C. Dow, and E. Fox, “Tidal clocks,” *Journal of Tides*, 2025, doi: 10.1/x.",
            (
                "A. Bee, “Are ‘we’ there yet?” in *Proceedings of CVPR 2025*, 2025. "
                "[Online]. Available: https://arxiv.org/abs/2511.00001"
            ),
        ),
        (
            "Vancouver",
            (
                "van Beethoven L, Quay JJ-P Jr. Tidal clocks [preprint]. arXiv. 2025 Nov 20. "
                "Available from: https://arxiv.org/abs/2511.00001"
            ),
            "Bee A, Dow C, Fox E. Tidal clocks. Journal of Tides. 2025. doi:10.1/x",
            (
                'Bee A. Are "we" there yet? In: Proceedings of CVPR 2025. 2025. '
                "Available from: https://arxiv.org/abs/2511.00001"
            ),
        ),
    ],
)
def test_each_style_has_its_own_way(style: str, preprint: str, article: str, talk: str) -> None:
    """A preprint of two authors, an article of three and a talk with a question as its title, as the manuals ask."""
    assert [_text(paper, style) for paper in (PREPRINT, ARTICLE, TALK)] == [preprint, article, talk]


@pytest.mark.parametrize(
    ("style", "ends"),
    [
        ("APA", "S, S., … Z, Z. (2025)."),
        ("MLA", "A, A, et al. "),
        ("IEEE", "A. A et al., "),
        ("Vancouver", "F F, et al."),
    ],
)
def test_long_lists_of_authors_are_cut(style: str, ends: str) -> None:
    """Each style says after how many names it stops."""
    crowd = _paper(tuple(f"{letter} {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))

    assert ends in _text(crowd, style)


def test_a_group_is_not_a_person() -> None:
    """The name of a collaboration is not turned round and has no initials."""
    for style in cite.STYLES:
        assert "The ATLAS Collaboration" in _text(_paper(("The ATLAS Collaboration", "Ann Bee")), style)


_NAMES = st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=8), min_size=1, max_size=3)
_PAPERS = st.builds(
    _paper,
    st.lists(_NAMES.map(" ".join), max_size=30).map(tuple),
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=30),
    st.sampled_from((None, "Journal of Tides", "Proceedings of CVPR 2025")),
    st.sampled_from((None, DAY, datetime(2024, 1, 1, tzinfo=UTC))),
    st.sampled_from((("arxiv:2511.00001",), ("doi:10.1/x", "arxiv:2511.00001"), ("local:0123456789abcdef",))),
)


@pytest.mark.slow
@given(_PAPERS, st.sampled_from(sorted(cite.STYLES)))
def test_a_reference_is_one_clean_line_with_title_and_year(paper: Paper, style: str) -> None:
    """Whatever is missing, the line names what there is and no mark of it stands twice or alone."""
    text = _text(paper, style)

    assert paper.title in text.replace("*", "")
    assert paper.published is None or str(paper.published.year) in text
    assert not re.search(r"\s\s|^\s|\s$|\s[.,]|,\.|\.\.|,,|\(\)|\n|””", text), text
