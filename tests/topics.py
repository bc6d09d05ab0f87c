"""A library of invented papers on three subjects, for tests of interests: which is which can be told from the words."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from broadsheet import config
from broadsheet.library.handle import Library
from broadsheet.library.harvest.import_ import import_files
from tests.shell import Shell, write_listing

WORDS = {
    "birds": "songbird migration wing plumage nest flight flock beak feather warbler ringing moult",
    "ships": "hull keel rudder harbour tonnage propeller ballast deck anchor mast rigging draught",
    "soups": "broth simmer onion ladle seasoning lentil stock carrot thyme bowl ferment spoon",
}
CATEGORIES = {"birds": "q-bio.PE", "ships": "physics.flu-dyn", "soups": "cond-mat.soft"}
DAYS = ("2025-11-18", "2025-11-19", "2025-11-20")
EACH = 24


def rows() -> list[dict[str, Any]]:
    """The papers; the number says the subject: 2511.01xxx birds, 2511.02xxx ships, 2511.03xxx soups."""
    lots = random.Random(0)
    made = []
    for number, (topic, vocabulary) in enumerate(WORDS.items(), 1):
        for i in range(EACH):
            title, *text = (" ".join(lots.sample(vocabulary.split(), 5)) for _ in range(4))
            made.append(
                {
                    "id": f"2511.{number:02}{i:03}",
                    "title": title.capitalize(),
                    "abstract": f"We study {' and '.join(text)} in the field and at home.",
                    "authors": [f"Ann {topic.title()}son" if i == 5 else f"Author {topic.title()} {chr(65 + i)}"],
                    "categories": [CATEGORIES[topic]],
                    "day": DAYS[i % len(DAYS)],
                }
            )
    return made


def topic_of(key: str) -> str:
    """The subject of a paper."""
    return list(WORDS)[int(key.partition(".")[2][:2]) - 1]


@pytest.fixture(scope="session")
def topics_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with these papers, found by words and by wordllama, its lexicon and background made."""
    folder = tmp_path_factory.mktemp("topics")
    with Library(config.load({}, home=folder / "home")) as lib:
        import_files(lib, [str(write_listing(folder / "papers.jsonl", rows()))])
        assert lib.stream.space() is not None
    return folder / "home"


@pytest.fixture
def reading(shell: Shell, topics_home: Path) -> Shell:
    """The command on a copy of that home."""
    shutil.copytree(topics_home, shell.home)
    return shell
