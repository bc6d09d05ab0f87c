"""Settings: where a value comes from, and what a wrong one is answered."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet import config
from broadsheet.errors import SettingError

EXAMPLES: dict[object, tuple[str, object]] = {
    str: ("some text", "some text"),
    float: ("4.5", 4.5),
    int: ("5000", 5000),
    bool: ("no", False),
    tuple[str, ...]: ("cs.CL, math", ("cs.CL", "math")),
}


def _value(loaded: config.Settings, path: str) -> object:
    owner: object = loaded
    for name in path.split("."):
        owner = getattr(owner, name)
    return owner


def test_defaults_need_nothing(tmp_path: Path) -> None:
    """Without a file and an environment every setting has its default, and says so."""
    loaded = config.load({}, home=tmp_path)
    assert [_value(loaded, row.path) for row in config.table()] == [row.default for row in config.table()]
    assert {origin for path, origin in loaded.origins.items() if path != "home"} == {"default"}
    assert loaded.database_url == f"sqlite:///{tmp_path}/library.db"


def test_later_layers_win(tmp_path: Path) -> None:
    """Options beat the environment, the environment beats the file, and `origins` says which it was."""
    (tmp_path / "config.toml").write_text('encoder = "a"\nbase_url = "a"\ntimezone = "a"\n[serve]\nport = 81\n')
    loaded = config.load(
        {"BROADSHEET_BASE_URL": "b", "BROADSHEET_TIMEZONE": "b"}, home=tmp_path, options={"timezone": "c"}
    )
    assert (loaded.encoder, loaded.base_url, loaded.timezone, loaded.serve.port) == ("a", "b", "c", 81)
    assert [loaded.origins[path] for path in ("encoder", "base_url", "timezone", "serve.port", "database")] == [
        "config.toml",
        "environment",
        "option",
        "config.toml",
        "default",
    ]


@pytest.mark.parametrize("row", config.table(), ids=lambda row: row.path)
def test_every_setting_can_be_set_by_its_variable(row: config.Setting, tmp_path: Path) -> None:
    """The variable's name is made from the path, and its text is read as the setting's type."""
    raw, value = EXAMPLES[row.kind]
    loaded = config.load({row.variable: raw}, home=tmp_path)
    assert _value(loaded, row.path) == value
    assert loaded.origins[row.path] == "environment"


@pytest.mark.parametrize("row", config.table(), ids=lambda row: row.path)
def test_every_setting_has_a_sentence(row: config.Setting) -> None:
    """The docs print it, so it is a whole sentence."""
    assert row.help[0].isupper()
    assert row.help.endswith(".")


@pytest.mark.parametrize(
    ("variable", "raw", "words"),
    [
        ("BROADSHEET_SERVE__PORT", "http", "serve.port: 'http' from environment is not a whole number"),
        ("BROADSHEET_ARXIV__MIN_INTERVAL", "-1", "arxiv.min_interval: '-1' from environment is below 0"),
        ("BROADSHEET_NET__TIMEOUT", "nan", "net.timeout: 'nan' from environment is not a number"),
        ("BROADSHEET_HUGGINGFACE__ENABLED", "perhaps", "huggingface.enabled: 'perhaps' from environment is not yes"),
    ],
)
def test_a_wrong_value_is_answered_in_a_sentence(variable: str, raw: str, words: str, tmp_path: Path) -> None:
    """The sentence names the setting, the value and where it came from."""
    with pytest.raises(SettingError) as caught:
        config.load({variable: raw}, home=tmp_path)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[arxiv]\nmin_intervall = 3\n", "setting arxiv.min_intervall: unknown, in config.toml"),
        ("encoder = \n", "cannot be read"),
        ("encoder = 3\n", "setting encoder: 3 from config.toml is not a text"),
        ("arxiv = 3\n", "setting arxiv: unknown, in config.toml"),
        ("[serve]\nport = true\n", "True from config.toml is not a whole number"),
        ("[arxiv]\ncategories = [1]\n", "is not a list of words"),
    ],
)
def test_a_wrong_file_is_answered_in_a_sentence(text: str, words: str, tmp_path: Path) -> None:
    """An unknown name, a wrong type and a file that is not TOML all stop with one line."""
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(SettingError) as caught:
        config.load({}, home=tmp_path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_bytes_is_answered_in_a_sentence(tmp_path: Path) -> None:
    """A config.toml that is not UTF-8 is named, not raised as a decoding error."""
    (tmp_path / "config.toml").write_bytes(b"encoder = '\xff'")
    with pytest.raises(SettingError, match=r"config\.toml: cannot be read \(it is not UTF-8\); correct it"):
        config.load({}, home=tmp_path)


def test_a_file_that_cannot_be_read_is_answered_in_a_sentence(tmp_path: Path) -> None:
    """What the system says of it is told without its number."""
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(SettingError, match=r"config\.toml: cannot be read \(Is a directory\); make it readable"):
        config.load({}, home=tmp_path)


def test_the_home_folder(tmp_path: Path) -> None:
    """`BROADSHEET_HOME` names it, `~` is the person's; else it is in the platform's folder for data."""
    assert config.default_home({"BROADSHEET_HOME": str(tmp_path)}) == tmp_path
    assert config.default_home({"BROADSHEET_HOME": "~/papers"}) == Path.home() / "papers"
    assert config.default_home({}).name == "broadsheet"
    origins = [
        config.load({}, home=tmp_path).origins["home"],
        config.load({"BROADSHEET_HOME": str(tmp_path)}).origins["home"],
        config.load({}).origins["home"],
    ]
    assert origins == ["option", "environment", "default"]


def test_other_variables_are_none_of_ours(tmp_path: Path) -> None:
    """A variable that merely starts like ours is left alone."""
    assert config.load({"BROADSHEET_SHARED": "x"}, home=tmp_path) == config.load({}, home=tmp_path)


@given(st.sampled_from(config.table()), st.text(max_size=30))
def test_any_text_is_taken_or_answered(row: config.Setting, raw: str) -> None:
    """Whatever stands in a variable, the answer is a value of the setting's type or a SettingError that names it."""
    try:
        value = _value(config.load({row.variable: raw}, home=Path("/nowhere")), row.path)
    except SettingError as error:
        value = error
    if isinstance(value, SettingError):
        assert row.path in str(value)
    else:
        assert isinstance(value, tuple if row.kind == tuple[str, ...] else row.kind)
