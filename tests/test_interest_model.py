"""Interests as models: learnt from few marks or many, from words or rules alone, the same on every run."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.rank.interest import (
    Background,
    Examples,
    Features,
    InterestModel,
    Lexicon,
    Rules,
    belonging,
    compare,
    decay,
    most_telling,
    reasons,
    train,
)
from broadsheet.rank.interest.background import Mix
from broadsheet.rank.interest.calibrate import calibrate
from broadsheet.rank.interest.lexicon import is_telling
from broadsheet.rank.interest.sparse import SparseRows
from broadsheet.rank.interest.terms import Heard, told
from broadsheet.rank.interest.why import Liked
from broadsheet.types import Author, Paper

TOPICS = {
    "birds": "songbird migration wing plumage nest flight flock beak",
    "ships": "hull keel rudder harbour tonnage propeller ballast deck",
    "soups": "broth simmer onion ladle seasoning lentil stock carrot",
}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _paper(topic: str, number: int) -> Paper:
    rng = np.random.default_rng([number, len(topic), ord(topic[0])])
    text = " ".join(rng.permutation(TOPICS[topic].split())[:5])
    return Paper(
        key=f"{topic}:{number}",
        aliases=(f"{topic}:{number}",),
        title=f"{text}",
        abstract=f"We study {text}.",
        authors=(Author(f"Ann {topic.title()}"),),
        categories=(f"{topic}.XX",),
        added=NOW,
    )


PAPERS = [_paper(topic, number) for number in range(30) for topic in TOPICS]
LEXICON = Lexicon.fit([f"{paper.title}. {paper.abstract}" for paper in PAPERS])


def _vectors(papers: list[Paper]) -> dict[str, np.ndarray]:
    """What an encoder would say: one axis a topic, and noise."""
    rng = np.random.default_rng(len(papers))
    rows = np.array([[topic == paper.key.partition(":")[0] for topic in TOPICS] for paper in papers], np.float32)
    rows = rows + rng.normal(0, 0.1, rows.shape).astype(np.float32)
    return {"axes": rows / np.linalg.norm(rows, axis=1, keepdims=True)}


def features(*topics: str, start: int = 0, count: int = 5) -> Features:
    papers = [_paper(topic, number) for topic in topics for number in range(start, start + count)]
    return Features.of(papers, _vectors(papers), LEXICON)


STREAM = Background.of(features(*TOPICS, start=20, count=10))
TODAY = features(*TOPICS, start=10, count=10)


def examples(liked: Features, disliked: Features | None = None) -> Examples:
    papers = Features.joined([liked, disliked]) if disliked else liked
    labels = np.array([1.0] * len(liked) + [-1.0] * (len(papers) - len(liked)), np.float32)
    return Examples(papers, labels, np.ones(len(papers), np.float32))


def liked_papers(*topics: str, count: int = 5) -> Liked:
    """The same papers as `features`, in the space of models."""
    found = features(*topics, count=count)
    return Liked(found.keys, STREAM.kernel.blocks(found))


def heard(*topics: str, count: int = 5, disliked: tuple[str, ...] = ()) -> Heard:
    """The terms that the same papers bear out, and against them those of five of other topics."""
    nothing = SparseRows.empty(0, len(LEXICON))
    liked = features(*topics, count=count) if topics else None
    against = features(*disliked).terms if disliked else nothing
    categories = [name for some in liked.categories for name in some] if liked else []
    return Heard.of(liked.terms if liked else nothing, against, categories=categories)


def topics_by_score(model: InterestModel) -> list[str]:
    scores = model.scores(TODAY)
    order = [int(i) for i in np.argsort(-scores, kind="stable") if np.isfinite(scores[i])]
    return [TODAY.keys[i].partition(":")[0] for i in order]


@pytest.mark.parametrize("seeds", [1, 5])
def test_papers_like_the_liked_come_first(seeds: int) -> None:
    """One seed is enough to tell a topic."""
    model = train(examples(features("birds", count=seeds)), STREAM)
    assert topics_by_score(model)[:10] == ["birds"] * 10


def test_dislikes_alone_put_their_like_last() -> None:
    """Who has only said what not to show gets that last."""
    nothing = features("birds").take([])
    model = train(examples(nothing, features("soups")), STREAM)
    assert topics_by_score(model)[-10:] == ["soups"] * 10


def test_words_are_an_example() -> None:
    """An interest can start from a few words."""
    words = Features.of_words("hull, keel, rudder, harbour", {"axes": np.zeros((1, 3), np.float32)}, LEXICON)
    assert set(topics_by_score(train(examples(words), STREAM))[:5]) == {"ships"}


def test_an_author_is_enough() -> None:
    """An interest of a name alone puts that author's papers first."""
    model = train(examples(TODAY.take([])), STREAM, Rules(authors=("Soups, A.",)))
    assert topics_by_score(model)[:10] == ["soups"] * 10


def test_rules_are_obeyed() -> None:
    """A paper that a keyword excludes is out, however well it fits, and nothing without an included one is in."""
    liked = examples(features("birds"))
    without = train(liked, STREAM, Rules(exclude=("plumage",)))
    assert all("plumage" not in TODAY.texts[i] for i in np.flatnonzero(np.isfinite(without.scores(TODAY))))
    assert not without.probabilities(TODAY)[["plumage" in text for text in TODAY.texts]].any()
    only = train(liked, STREAM, Rules(include=("simm*",), categories=("soups",)))
    assert set(topics_by_score(only)) == {"soups"}


@pytest.mark.parametrize(
    ("keyword", "text", "found"),
    [
        ("benchmark", "Five benchmarks", True),
        ("benchmarks", "A benchmark", True),
        ("benchmark", "Benchmarking", False),
        ("benchmark*", "Benchmarking", True),
        ("survey", "Two surveys", True),
        ("study", "Many studies", True),
        ("studies", "A study", True),
        ("class", "The classes", True),
        ("classes", "A class", True),
        ("bias", "Biases", True),
        ("diffusion model", "Diffusion models", True),
        ("diffusion model", "Diffusion modelling", False),
        ("loss", "Lost", False),
        ("agent", "Reagents", False),
        ("RAG", "Drag", False),
    ],
)
def test_keywords_are_found_in_the_singular_and_plural(keyword: str, text: str, found: bool) -> None:
    """A keyword is obeyed in either number, whichever is written, and in no other form without a star."""
    paper = Features.of([Paper(key="a:1", aliases=("a:1",), title=text, added=NOW)], {}, LEXICON)

    assert Rules(exclude=(keyword,)).allows(paper)[0] != found
    assert bool(Rules(include=(keyword,)).keywords_of(paper.texts[0])) == found


def test_a_model_survives_its_bytes() -> None:
    """A model read back scores as it did."""
    model = train(
        examples(features("birds"), features("soups")), STREAM, Rules(exclude=("keel",), authors=("A. Ships",))
    )
    back = InterestModel.from_bytes(model.to_bytes(), STREAM.kernel)
    assert np.array_equal(back.probabilities(TODAY), model.probabilities(TODAY))
    with pytest.raises(ValueError, match="not a model"):
        InterestModel.from_bytes(b"no", STREAM.kernel)


def test_the_same_marks_give_the_same_model() -> None:
    """Nothing is left to chance."""
    one, two = (train(examples(features("birds"), features("soups")), STREAM).to_bytes() for _ in range(2))
    assert one == two


def test_probabilities_rise_with_scores() -> None:
    """Calibration changes no order, and what stands out from the stream is likely."""
    stream = Background.of(features("ships", "soups", start=20, count=10))
    model = train(examples(features("birds"), features("soups")), stream)
    order = np.argsort(model.scores(TODAY))
    assert (np.diff(model.probabilities(TODAY)[order]) >= 0).all()
    assert model.probabilities(TODAY)[order[-1]] > 0.5


def test_probabilities_say_how_far_a_paper_is_from_the_middle_of_the_stream() -> None:
    """Where the stream as a whole scores higher or on another scale, a paper as far from its middle is as likely."""
    rng = np.random.default_rng(1)
    left_out, stream, asked = (rng.normal(mean, 1, 9).astype(np.float32) for mean in (3, 0, 1))
    labels, weights = np.where(np.arange(9) % 3, 1, -1).astype(np.float32), np.ones(9, np.float32)
    one = calibrate(left_out, labels, weights, stream)
    other = calibrate(left_out * 7 + 2, labels, weights, stream * 7 + 2)
    assert other.probabilities(asked * 7 + 2) == pytest.approx(one.probabilities(asked), rel=1e-3)


def test_main_topics_are_kept_in_part_and_what_the_stream_has_not_is_kept_whole() -> None:
    """Along an axis less is kept the more the stream says of it, by its logarithm, as of a thousand papers."""
    values = np.array([0, np.e**2 - 1, np.e**6 - 1], np.float32)
    for papers, share in ((999, 1), (3_000, 3)):
        mix = Mix(np.ones(2, np.float32), np.eye(1, dtype=np.float32), values.repeat(papers // 3) * np.float32(share))
        assert mix.kept[:: papers // 3] == pytest.approx([1, 1 / 2, 1 / 4], rel=1e-5)


def test_marked_papers_are_not_taken_for_the_stream() -> None:
    """What a reader liked is not counted as a paper that interests nobody because it is in the background as well."""
    birds = features("birds", start=20)
    model = train(examples(birds), STREAM)
    elsewhere = train(examples(replace(birds, keys=tuple(f"other:{key}" for key in birds.keys))), STREAM)
    assert (model.probabilities(TODAY)[:10] > elsewhere.probabilities(TODAY)[:10]).all()


def test_marks_on_the_whole_background_are_learnt_from() -> None:
    """Where every paper of the stream is marked there is nothing to compare with, and marks teach all the same."""
    every = features(*TOPICS, start=20, count=10)
    labels = np.array([1.0 if key.startswith("birds") else -1.0 for key in every.keys], np.float32)
    model = train(Examples(every, labels, np.ones(len(labels), np.float32)), STREAM)
    assert topics_by_score(model)[:10] == ["birds"] * 10
    assert np.isfinite(model.probabilities(TODAY)).all()


def test_features_of_another_encoder_are_refused() -> None:
    """Vectors that mean something else are an error, not a bad ranking."""
    model = train(examples(features("birds")), STREAM)
    papers = [_paper("birds", 1)]
    with pytest.raises(ValueError, match="encoder"):
        model.scores(Features.of(papers, {"other": np.ones((1, 3), np.float32)}, LEXICON))


def test_reasons_name_what_a_reader_can_check() -> None:
    """Nearest liked papers, terms, category and author are told."""
    model = train(examples(features("birds")), STREAM, Rules(authors=("Ann Birds",)))
    told = reasons(
        model, TODAY, model.kernel.blocks(TODAY), liked_papers("birds"), heard("birds"), LEXICON, range(len(TODAY))
    )[0]
    found = {reason.kind: reason.what for reason in reversed(told)}
    assert found["near"].startswith("birds:")
    assert found["author"] == "Ann Birds"
    assert found["category"] == "birds.XX"
    assert found["for"] in {*TOPICS["birds"].split(), *LEXICON.terms}


def test_terms_are_reasons_only_if_marks_bear_them_out() -> None:
    """Who liked nothing gets no term for a paper, and who disliked nothing none against it."""
    weights = {column: 0.3 if term in TOPICS["birds"] else -0.3 for column, term in enumerate(LEXICON.terms)}
    columns, values = np.array(list(weights), np.int32), np.array(list(weights.values()), np.float32)
    model = replace(train(examples(features("birds")), STREAM), columns=columns, values=values)
    blocks = model.kernel.blocks(TODAY)

    def kinds(known: Heard) -> set[str]:
        told = reasons(model, TODAY, blocks, None, known, LEXICON, range(len(TODAY)))
        return {str(reason.kind) for some in told for reason in some} & {"for", "against"}

    assert kinds(heard("birds", disliked=("soups",))) == {"for", "against"}
    assert kinds(heard("birds")) == {"for"}
    assert kinds(heard(disliked=("soups",))) == {"against"}


def test_of_few_papers_only_what_they_are_about_is_borne_out() -> None:
    """The lightest of an abstract's many words are in any other abstract, and no reason for it."""
    columns, values = np.arange(100, dtype=np.int32), np.linspace(1, 0.01, 100, dtype=np.float32)
    one = SparseRows(columns, values, np.array([0, 100]), 100)
    known = Heard.of(one, SparseRows.empty(0, 100))

    assert [known.bears_out(column, 1) for column in (0, 20, 60, 99)] == [True, True, False, False]


def test_categories_are_told_only_where_a_liked_paper_has_them() -> None:
    """What a model holds of a category that its reader liked nothing of is no word about them."""
    model = train(examples(features("birds")), STREAM)
    blocks = model.kernel.blocks(TODAY)

    def named(known: Heard) -> tuple[set[str], set[str]]:
        found = reasons(model, TODAY, blocks, None, known, LEXICON, range(len(TODAY)))
        of_papers = {reason.what for some in found for reason in some if reason.kind == "category"}
        return {name for name, _ in told(model, LEXICON, known).categories}, of_papers

    assert named(heard("birds")) == ({"birds.XX"}, {"birds.XX"})
    assert named(heard(disliked=("soups",))) == (set(), set())


def test_a_dislike_makes_keywords_no_surer() -> None:
    """What only rules say is as likely after a dislike as before it."""
    rules = Rules(include=("simmer*",))
    before = train(examples(TODAY.take([])), STREAM, rules).probabilities(TODAY).max()
    disliked = features("ships", count=1)
    after = (
        train(Examples(disliked, -np.ones(1, np.float32), np.ones(1, np.float32)), STREAM, rules)
        .probabilities(TODAY)
        .max()
    )

    assert 0.5 < after <= before + 0.05 < 0.9


def test_a_paper_is_not_near_itself() -> None:
    """Of a paper that was liked itself, the others that were are told."""
    liked = features("birds")
    blocks = STREAM.kernel.blocks(liked)
    told = reasons(
        train(examples(liked), STREAM),
        liked,
        blocks,
        Liked(liked.keys, blocks),
        heard("birds"),
        LEXICON,
        range(len(liked)),
    )
    near = [{reason.what for reason in some if reason.kind == "near"} for some in told]
    assert all(near)
    assert not any(key in found for key, found in zip(liked.keys, near, strict=True))


def test_terms_that_hardly_count_are_no_reason() -> None:
    """Every model has slight weights of many terms; what is told adds or takes a twentieth of a score or more."""
    model = train(examples(features("birds", count=1)), STREAM)
    blocks = model.kernel.blocks(TODAY)
    scores = np.abs(model.learnt(blocks))
    told = reasons(
        model, TODAY, blocks, liked_papers("birds", count=1), heard("birds", count=1), LEXICON, range(len(TODAY))
    )
    parts = [
        (abs(reason.weight), score)
        for some, score in zip(told, scores.tolist(), strict=True)
        for reason in some
        if reason.kind in ("for", "against")
    ]

    assert parts
    assert [part for part, score in parts if part < 0.05 * score] == []


@pytest.mark.parametrize(
    ("term", "tells"),
    [
        ("graph", True),
        ("graph network", True),
        ("of", False),
        ("that use", False),
        ("doe", False),
        ("thi", False),
        ("many", False),
        ("novel method", False),
        ("several", False),
    ],
)
def test_reasons_leave_out_words_that_say_nothing(term: str, tells: bool) -> None:
    """Words that hold a sentence together, in whatever number they stand, and pairs with one are no reasons."""
    assert is_telling(term) is tells


def test_no_recommended_paper_is_without_a_reason() -> None:
    """Where only common terms are felt they are told, and where none is the nearest liked paper."""
    model = train(examples(features("birds", count=1)), STREAM)
    blocks = model.kernel.blocks(TODAY)
    common = Lexicon(LEXICON.terms, np.full(len(LEXICON), 900), 1_000, {})
    told = reasons(
        model, TODAY, blocks, liked_papers("birds", count=1), heard("birds", count=1), common, range(len(TODAY))
    )

    likely = model.scores(TODAY, blocks) > 0
    assert likely.any()
    assert all(some for some, is_likely in zip(told, likely.tolist(), strict=True) if is_likely)
    assert any(reason.kind == "for" for some in told for reason in some)


def test_reasons_leave_out_what_too_many_papers_have() -> None:
    """A term of more than an eighth of the papers is no reason by itself; in a small library no term is too common."""
    terms = ("study", "graph", "study graph")
    assert [Lexicon(terms, np.array([130, 120, 110]), 1_000, {}).tells(i) for i in range(3)] == [False, True, True]
    assert Lexicon(terms, np.array([13, 12, 11]), 20, {}).tells(0)


def test_questions_are_of_different_things() -> None:
    """What is asked about is near to the interest first, and not three times the same."""
    model = train(examples(features("birds", count=1)), STREAM)
    asked = most_telling(model, TODAY, model.kernel.blocks(TODAY), count=3)
    assert len(set(asked.tolist())) == 3
    assert asked[0] == model.scores(TODAY).argmax()


ANN = Rules(authors=("Ann Ships",))


@pytest.mark.parametrize(
    ("own", "rules", "topics"),
    [
        ("birds", Rules(), {"birds"}),
        ("birds", ANN, {"birds", "ships"}),
        ("birds", Rules(categories=("soups",)), set()),
        (None, Rules(), set()),
        (None, ANN, {"ships"}),
        (None, Rules(categories=("soups",)), {"soups"}),
    ],
)
def test_a_paper_belongs_to_an_interest_that_is_like_it(own: str | None, rules: Rules, topics: set[str]) -> None:
    """What is like its own papers or by a followed author belongs to an interest, if its rules allow it; to one without
    any of its own what the rules name.
    """
    blocks = STREAM.kernel.blocks
    near = belonging(STREAM, rules, blocks(features(own, count=2)) if own else None, TODAY)
    found = [TODAY.keys[i].partition(":")[0] for i in np.flatnonzero(near > -np.inf)]
    assert sorted(found) == [topic for topic in sorted(topics) for _ in range(10)]


def test_what_has_nothing_in_common_with_an_interest_does_not_belong_to_it() -> None:
    """Of words alone, nearly the whole stream may have none of an interest's: it takes what has some."""
    many = [_paper("ships", number) for number in range(200)]
    stream = Background.of(Features.of([*many, _paper("birds", 1)], {}, LEXICON))
    own = stream.kernel.blocks(Features.of_words("songbird migration wing", {}, LEXICON))
    asked = Features.of([_paper(topic, 11) for topic in TOPICS], {}, LEXICON)
    assert [near > 0 for near in belonging(stream, Rules(), own, asked).tolist()] == [True, False, False]
    assert np.isneginf(belonging(stream, Rules(), own, asked)).tolist() == [False, True, True]


@given(st.lists(st.floats(0, 1e4)))
def test_older_marks_weigh_less(ages: list[float]) -> None:
    """Decay falls with age, from 1."""
    weights = decay(sorted(ages))
    assert ((weights <= 1) & (weights >= 0)).all()
    assert (np.diff(weights) <= 0).all()


@given(st.lists(st.text("abc é.", max_size=40), max_size=8))
def test_a_lexicon_survives_its_bytes(texts: list[str]) -> None:
    """Terms, rarity and rows are those that were kept."""
    lexicon = Lexicon.fit(texts)
    back = Lexicon.from_bytes(lexicon.to_bytes())
    assert back.id == lexicon.id
    assert [back.spelt(i) for i in range(len(back))] == [lexicon.spelt(i) for i in range(len(lexicon))]
    assert np.array_equal(back.rows(texts).values, lexicon.rows(texts).values)


def test_terms_are_told_in_words_that_papers_have() -> None:
    """A term without its ending is told with it, in its papers' capitals and accents; a pair begins in the singular."""
    lexicon = Lexicon.fit(
        [
            "Image synthesis by GANs\nA GAN for Schrödinger bridges and image synthesis.",
            "Images\nMany images, GANs and bridges: image synthesis with lenses.",
            "Schrödinger bridges\nA synthesi is a slip. Images of GANs through lenses.",
        ]
    )
    told = {term: lexicon.spelt(i) for i, term in enumerate(lexicon.terms)}
    assert (told["synthesi"], told["lense"], told["gan"]) == ("synthesis", "lenses", "GANs")
    assert (told["image synthesi"], told["schrodinger bridge"]) == ("image synthesis", "Schrödinger bridges")


def test_terms_are_told_that_marks_bear_out() -> None:
    """With five papers liked a term is told that two of them have, and against it only one that a disliked paper has;
    terms that the reader gave are told always.
    """
    lexicon = Lexicon.fit(
        [*(f"tumour{' umit' * (i == 0)} number{i}" for i in range(5)), "zero net", "soup lava", "lava"]
    )
    column = {term: i for i, term in enumerate(lexicon.terms)}
    weights = {"tumour": 0.3, "umit": 0.5, "lava": 0.2, "zero": -0.4, "soup": -0.3}
    cells = sorted((column[term], weight) for term, weight in weights.items())
    trained = train(examples(features("birds")), STREAM)
    model = replace(trained, columns=np.array([c for c, _ in cells]), values=np.array([v for _, v in cells]))

    def words(liked: int, disliked: int) -> tuple[list[str], list[str]]:
        own = lexicon.rows([f"tumour{' umit' * (i == 0)}" for i in range(liked)])
        made = told(model, lexicon, Heard.of(own, lexicon.rows(["soup"] * disliked), [column["lava"]]))
        return [term for term, _ in made.liked], [term for term, _ in made.disliked]

    assert words(5, 1) == (["tumour", "lava"], ["soup"])
    assert words(4, 0) == (["umit", "tumour", "lava"], [])


def test_papers_compared_before_give_the_same_model() -> None:
    """With marks added, dropped and in another order, what was compared before spares work and changes nothing."""
    before, now = compare(TODAY.take(range(12)), STREAM), TODAY.take([20, 3, 0, 25, 7])
    before.damped(1)

    reused, anew = compare(now, STREAM, before), compare(now, STREAM)

    assert reused.keys == anew.keys == now.keys
    assert np.allclose(reused.among, anew.among, atol=1e-5)
    assert np.allclose(reused.across, anew.across, atol=1e-5)
    assert 1 in reused.in_mix
    assert np.allclose(reused.damped(1).along, anew.damped(1).along, atol=1e-5)
    assert np.allclose(reused.damped(1).among, anew.damped(1).among, atol=1e-5)
    assert np.allclose(reused.blocks.grams(anew.blocks), anew.among, atol=1e-5)


def _worded_stream() -> tuple[Features, Background]:
    """Papers of ten words that share no topic by their words; each vector names the paper's place on a circle."""
    rng = np.random.default_rng(7)
    names = np.array([f"w{chr(97 + i)}{chr(97 + j)}" for i in range(20) for j in range(20)])
    texts = [" ".join(rng.choice(names, 10, replace=False)) for _ in range(120)]
    angles = rng.uniform(0, 2 * np.pi, 120)
    papers = [Paper(key=str(i), aliases=(), title=text, abstract="", added=NOW) for i, text in enumerate(texts)]
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    every = Features.of(papers, {"circle": vectors}, Lexicon.fit(texts))
    return every, Background.of(every.take(range(60)))


def test_marks_choose_between_meaning_and_words() -> None:
    """Who likes papers of one meaning gets a model of vectors, who likes those with one word gets one of terms."""
    every, stream = _worded_stream()
    place = every.dense["circle"][:, 0]
    alike = [i for i in range(60, 120) if place[i] > 0.9][:6]
    words = sorted(set(" ".join(every.texts).split()))
    word = max(words, key=lambda word: sum(f" {word} " in text for text in every.texts[60:]))
    named = [i for i in range(60, 120) if f" {word} " in every.texts[i]]

    def led_by_vectors(liked: list[int]) -> float:
        model = train(examples(every.take(liked)), stream)
        return float(np.linalg.norm(model.dense) / np.linalg.norm(model.values))

    assert len(named) > 3
    assert led_by_vectors(alike) > 2 * led_by_vectors(named)
