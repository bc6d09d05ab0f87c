"""Texts, keys, ids and links: real spellings, and that no text of any kind is too odd."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.text import (
    aliases_of,
    canonical_id,
    fold,
    ids_in,
    name_key,
    one_line,
    plain,
    title_key,
    visible,
    words,
)
from broadsheet.text.links import link_key, links_in, links_of_id
from broadsheet.types import Link

tex_like = st.text(alphabet=st.sampled_from(list("abA1 \\{}$^_~&;#%-`'\"[]().,:/öß\n\x00\ud800")), max_size=60)


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        ("two\n  lines\t here ", "two lines here"),
        (
            r"Schr\"odinger, Andr\'e, Erd\H{o}s, \c{C}elik, {\L}ukasz, \v Smid",
            "Schrödinger, André, Erdős, Çelik, Łukasz, Šmid",
        ),
        (r"Stra\ss e, Bj\o rn, M\o{}ller, {\'\i}ndice, \AA ngstr{\"o}m", "Straße, Bjørn, Møller, índice, Ångström"),
        (r"$O(n^2)$ and $\mathcal{O}(n \log n)$", "O(n²) and O(n log n)"),
        (r"$\text{R}^2\text{ec}$", "R²ec"),
        (r"UI2Code$^\text{N}$", "UI2Code^N"),
        (r"A\textsuperscript{2}FM", "A²FM"),
        (r"$\alpha_{ij} \in \mathbb{R}^{n \times m}$", "α_ij ∈ ℝ^(n × m)"),
        (r"3$\times$, $\sim$5, 90$^\circ$, $10^{-3}$", "3×, ∼5, 90°, 10⁻³"),
        (r"$\frac{a+b}{2}$ and $\frac{\text{a}}{b}$ and $\sqrt{n}$", "(a+b)/2 and a/b and √n"),
        (r"\emph{Very} \textbf{bold \textit{and} nested}", "Very bold and nested"),
        (r"By \underline{V}alue \underline{S}ign", "By Value Sign"),
        (r"20\% of R\&D, file\_name, \#1", "20% of R&D, file_name, #1"),
        ("from $5 to $10 million", "from $5 to $10 million"),
        (r"\href{https://x.org/y}{code} \url{https://z.org}", "code (https://x.org/y) https://z.org"),
        (r"\ours beats \textcolor{red}{all}\cite{foo}", "ours beats all"),
        ("AT&amp;T &lt; R&D &amp;amp; &eacute;", "AT&T < R&D & é"),
        ("H<sub>2</sub>O in <i>vivo</i>, p < 0.05", "H2O in vivo, p < 0.05"),
        ("``quoted'' a -- b, 1--2, x---y and --help", "“quoted” a – b, 1–2, x—y and --help"),
        ("Fig.~1 of Doe~et~al. and ~5 https://a.edu/~doe", "Fig. 1 of Doe et al. and ~5 https://a.edu/~doe"),
    ],
)
def test_tex_becomes_readable(tex: str, text: str) -> None:
    """What titles, names and abstracts of arXiv hold is read as a person would."""
    assert text == plain(tex)


@given(st.one_of(st.text(max_size=80), tex_like))
def test_plain_takes_any_text(text: str) -> None:
    """No text raises, and none comes back with two spaces in a row."""
    result = plain(text)

    assert result == " ".join(result.split())


@pytest.mark.parametrize("odd", [r"\emph", r"\hat", "{", "$^", r"\frac{", "\\", "``", "&amp;"])
def test_plain_takes_any_depth(odd: str) -> None:
    """Nesting without end is read, and not by recursion."""
    assert isinstance(plain(odd * 5_000 + "x"), str)


@given(st.text(alphabet=st.characters(exclude_characters="\\$&{}<~-`"), max_size=80))
def test_text_without_marks_only_loses_spaces(text: str) -> None:
    """Where there is no TeX, plain changes nothing but white space."""
    assert plain(text) == one_line(text)


@given(st.one_of(st.text(max_size=60), tex_like))
def test_keys_take_any_text(text: str) -> None:
    """Keys exist for every text, folding twice is folding once, and spaces never count in a title."""
    assert fold(fold(text)) == fold(text)
    assert " " not in title_key(text)
    assert isinstance(name_key(text), str)
    assert all(word and " " not in word for word in words(text))


def test_words_are_folded() -> None:
    """Accents, case and punctuation do not make other words."""
    assert words("The Erdős–Rényi Model, re-visited (Ǻ)") == ["the", "erdos", "renyi", "model", "re", "visited", "a"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("TÜLU 3: Pushing Frontiers", "Tulu 3 – pushing  frontiers"),
        (r"Mobi-$\pi$: Mobilizing", "Mobi-π: Mobilizing"),
        (r"Uni$\textbf{F}^2$ace", "UniF^2ace"),
        ("Search & Rescue", "Search and Rescue"),
        ("Multi-modal", "Multimodal"),
    ],
)
def test_spellings_of_a_title_share_a_key(one: str, other: str) -> None:
    """TeX, Unicode, case, spaces, dashes and ampersands do not make another title."""
    assert title_key(one) == title_key(other)


def test_the_key_of_a_title_of_signs_is_not_empty() -> None:
    """Two titles without a letter are not one title."""
    assert title_key("?!") != title_key("!!!")
    assert title_key(" ") == ""


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (
            ("Doe, Jane", "Jane Doe", "J. Doe", "Doe J", "JANE DOE", "Jane Doe Jr.", "Jane Doe (MIT)", "Jane Doe 0001"),
            "doe j",
        ),
        (("van der Goot, Rob", "Rob van der Goot"), "goot r"),
        (("D'Incà, Moreno", r"Moreno D'Inc\`a", "Moreno D’Inca"), "dinca m"),
        (("Plato",), "plato"),
        (("", " ", "(MIT)"), ""),
    ],
)
def test_people_are_compared_by_surname_and_initial(names: tuple[str, ...], key: str) -> None:
    """Order, initials, TeX, accents, degrees and affiliations do not make another person."""
    assert {name_key(name) for name in names} == {key}


_SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("raw", "id"),
    [
        *((raw, "arxiv:2405.15738") for raw in (
            "2405.15738", "2405.15738v2", "arXiv:2405.15738", "arxiv: 2405.15738v11", "arXiv:2405.15738v2 [cs.CL]",
            "https://arxiv.org/abs/2405.15738v1", "http://export.arxiv.org/pdf/2405.15738v3.pdf",
            "arxiv.org/html/2405.15738v1",
            "https://arxiv.org/abs/2405.15738?context=cs", "(arXiv:2405.15738).", "oai:arXiv.org:2405.15738v2",
            "https://doi.org/10.48550/arXiv.2405.15738", "10.48550/arXiv.2405.15738v2", "doi:10.48550/ARXIV.2405.15738",
            "https://huggingface.co/papers/2405.15738", "https://www.alphaxiv.org/abs/2405.15738v2",
            "https://ar5iv.labs.arxiv.org/html/2405.15738", "https://hf.co/papers/2405.15738#community",
        )),
        *((raw, "arxiv:math/0309136") for raw in (
            "math.GT/0309136", "math/0309136v1",
            "https://arxiv.org/abs/math.GT/0309136v3", "10.48550/arXiv.math/0309136",
        )),
        ("0704.0001", "arxiv:0704.0001"),
        ("https://arxiv.org/pdf/hep-th/9901001v1", "arxiv:hep-th/9901001"),
        *((raw, "doi:10.1145/3366423.3380186") for raw in (
            "10.1145/3366423.3380186", "doi:10.1145/3366423.3380186", "DOI: 10.1145/3366423.3380186.",
            "https://doi.org/10.1145/3366423.3380186", "http://dx.doi.org/10.1145/3366423.3380186",
            "https://dl.acm.org/doi/abs/10.1145/3366423.3380186?x=1", "https://doi.org/10.1145%2F3366423.3380186",
        )),
        ("10.1016/S0140-6736(20)30183-5", "doi:10.1016/s0140-6736(20)30183-5"),
        ("(10.1000/ABC)", "doi:10.1000/abc"),
        ("https://www.biorxiv.org/content/10.1101/2020.01.01.123456v1.full", "doi:10.1101/2020.01.01.123456"),
        ("https://openreview.net/forum?id=AbC-_1&noteId=x", "openreview:AbC-_1"),
        ("https://openreview.net/pdf?id=AbC-_1", "openreview:AbC-_1"),
        ("https://aclanthology.org/2022.acl-long.572/", "acl:2022.acl-long.572"),
        ("https://aclanthology.org/2022.acl-long.572.pdf", "acl:2022.acl-long.572"),
        ("2022.acl-long.572", "acl:2022.acl-long.572"),
        ("https://www.aclweb.org/anthology/P19-1001/", "acl:P19-1001"),
        ("p19-1001", "acl:P19-1001"),
        ("PMID: 123456", "pubmed:123456"),
        ("https://pubmed.ncbi.nlm.nih.gov/123456/", "pubmed:123456"),
        (_SHA.upper(), f"s2:{_SHA}"),
        (f"https://www.semanticscholar.org/paper/Some-Title/{_SHA}", f"s2:{_SHA}"),
        ("CorpusID:12345", "corpusid:12345"),
        ("https://api.semanticscholar.org/CorpusID:12345", "corpusid:12345"),
        ("local:0123456789abcdef", "local:0123456789abcdef"),
        *((raw, None) for raw in (
            "", "hello", "2413.00001", "2405.15738 and more", "12345", "https://arxiv.org/list/cs.CL/recent", "10.1145",
            "https://example.org/paper", "doi:", "math/123",
        )),
    ],
)  # fmt: skip
def test_an_id_has_one_spelling(raw: str, id: str | None) -> None:
    """Every way to write an id or the page it has gives one id; other things give none."""
    assert canonical_id(raw) == id


@given(
    st.one_of(st.text(max_size=60), st.from_regex(r"(doi:|https://doi\.org/)?10\.[0-9]{4}/[!-~]{0,20}", fullmatch=True))
)
def test_a_canonical_id_is_its_own_spelling(text: str) -> None:
    """No text raises, and asking twice changes nothing."""
    id = canonical_id(text)

    assert id is None or canonical_id(id) == id


def test_an_acl_doi_names_the_id_in_the_anthology() -> None:
    """Ids that follow from an id come with it."""
    assert aliases_of("doi:10.18653/v1/2022.acl-long.572") == (
        "doi:10.18653/v1/2022.acl-long.572",
        "acl:2022.acl-long.572",
    )
    assert aliases_of("doi:10.18653/v1/p19-1001")[1] == "acl:P19-1001"
    assert aliases_of("arxiv:2405.15738") == ("arxiv:2405.15738",)


def test_ids_are_found_in_text() -> None:
    """Ids that a comment mentions are found once each, in order."""
    text = "See arXiv:2405.15738v2, https://arxiv.org/abs/2405.15738 and doi 10.1145/ABC.12. (https://hf.co/papers/2402.00002)"

    assert ids_in(text) == ("arxiv:2405.15738", "doi:10.1145/abc.12", "arxiv:2402.00002")
    assert ids_in("version 10.2 of 2405.15738") == ()


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (r"Code: \url{https://github.com/foo/bar\_baz}.", Link("code", "https://github.com/foo/bar_baz")),
        ("available at github.com/foo/bar.", Link("code", "https://github.com/foo/bar")),
        ("Project page: https://foo.org/x/", Link("project", "https://foo.org/x/")),
        ("see (https://foo.github.io/bar).", Link("project", "https://foo.github.io/bar")),
        ("code: GitHub.com/foo/bar", Link("code", "https://GitHub.com/foo/bar")),
        ("https://huggingface.co/datasets/a/b", Link("data", "https://huggingface.co/datasets/a/b")),
        ("https://huggingface.co/spaces/a/b", Link("demo", "https://huggingface.co/spaces/a/b")),
        ("https://huggingface.co/a/b", Link("model", "https://huggingface.co/a/b")),
        ("Our benchmark is at https://foo.org.", Link("data", "https://foo.org")),
        (r"\href{https://foo.org/a}{here}", Link("other", "https://foo.org/a")),
    ],
)
def test_links_have_a_kind(text: str, link: Link) -> None:
    """The host says what a link is, else the words before it."""
    assert links_in(text) == (link,)


def test_a_link_comes_once_and_ids_are_no_links() -> None:
    """Spellings of one address are one link; pages of arXiv and DOIs are ids of papers."""
    text = "https://github.com/Foo/bar, https://github.com/foo/bar.git https://arxiv.org/abs/2405.15738 https://doi.org/10.1/x"

    assert [link.url for link in links_in(text)] == ["https://github.com/Foo/bar"]
    assert link_key("http://www.foo.org/") == link_key("https://foo.org#top")


@given(st.one_of(st.text(max_size=60), st.text(max_size=30).map("https://github.com/{}".format)))
def test_links_take_any_text(text: str) -> None:
    """No text raises, and what is found is an address."""
    assert all(link.url.startswith(("http", "HTTP", "Http")) or "://" in link.url for link in links_in(text))
    assert isinstance(ids_in(text), tuple)


def test_ids_have_pages() -> None:
    """Every arXiv paper has an abstract page and a PDF; every DOI a page."""
    assert links_of_id("arxiv:math/0309136") == (
        Link("abstract", "https://arxiv.org/abs/math/0309136"),
        Link("pdf", "https://arxiv.org/pdf/math/0309136"),
    )
    assert links_of_id("doi:10.1/x") == (Link("abstract", "https://doi.org/10.1/x"),)
    assert links_of_id("local:0123456789abcdef") == ()


@given(
    st.lists(st.sampled_from((" ", "  ", "\n", "\t", "\x1f", "\xa0", "\u3000", "é", "word " * 30, "word")), max_size=8)
)
def test_a_text_on_one_line_has_single_blanks(pieces: list[str]) -> None:
    """Whatever its white space and however long, the words stay and one blank is between them."""
    text = "".join(pieces)
    assert one_line(text) == " ".join(text.split())


@given(st.text(st.sampled_from("ab é\x00\x07\x1b\x7f\x85\x9b\u200d"), max_size=20), st.sampled_from(("", "word " * 30)))
def test_a_text_on_one_line_has_nothing_that_a_terminal_obeys(odd: str, long: str) -> None:
    """Control characters part words as blanks do, in short texts and in long ones."""
    blanked = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in long + odd)
    assert one_line(long + odd) == " ".join(blanked.replace("\u200d", "").split())


UNSEEN = [*map(chr, (0xAD, 0x200B, 0xFEFF, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xE0041))]


@given(
    st.lists(st.sampled_from(("a", "é", " ", "word " * 30, "میخوانم", "שלום\u200f", "👩\u200d🔬", "𝛼", "ක්\u200dර"))),
    st.sampled_from(UNSEEN),
)
def test_what_is_not_seen_and_turns_or_hides_what_is_goes(pieces: list[str], unseen: str) -> None:
    """Wherever such characters stand, the text is as it is without them, and so are its key and that of a name."""
    text = "".join(pieces)
    odd = f"{unseen}{unseen.join(text)}{unseen}"

    assert one_line(text) == " ".join(text.split())
    assert one_line(odd) == one_line(text)
    assert (title_key(odd), name_key(odd)) == (title_key(text), name_key(text))


@pytest.mark.parametrize("written", ["می\u200cخوانم", "ශ්\u200dරී", "ক্\u200c", "👩\u200d🔬", "❤\ufe0f\u200d🔥"])
def test_what_joins_letters_stays_where_letters_need_it(written: str) -> None:
    """Persian, Sinhala, Bengali and emoji are written with it; in Latin it only keeps words from being found."""
    assert one_line(f" {written}  a\u200cb \u200dc") == f"{written} ab c"
    assert plain("in&#x202E;verted, soft&shy;ware &lrm;x") == "inverted, software \u200ex"


def test_lines_that_are_shown_keep_their_ends_alone() -> None:
    """Of control characters only ends of lines and tabs are shown."""
    assert visible("a\x1b[2Jb\x9b1m\r\n\tc\x00\x7f") == "a[2Jb1m\n\tc"
