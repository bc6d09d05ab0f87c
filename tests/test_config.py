"""Settings: where a value comes from, and what a wrong one is answered."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet import config
from broadsheet.errors import SettingError
from broadsheet.words.catalogue import languages

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
    (tmp_path / "config.toml").write_text(
        'encoder = "a"\n[net]\ncontact = "a"\n[oidc]\nname = "a"\n[serve]\nport = 81\n'
    )
    loaded = config.load(
        {"BROADSHEET_NET__CONTACT": "b", "BROADSHEET_OIDC__NAME": "b"}, home=tmp_path, options={"oidc.name": "c"}
    )
    assert (loaded.encoder, loaded.net.contact, loaded.oidc.name, loaded.serve.port) == ("a", "b", "c", 81)
    assert [loaded.origins[path] for path in ("encoder", "net.contact", "oidc.name", "serve.port", "database")] == [
        "config.toml",
        "environment",
        "option",
        "config.toml",
        "default",
    ]


@pytest.mark.parametrize("row", config.table(), ids=lambda row: row.path)
def test_every_setting_can_be_set_by_its_variable(row: config.Setting, tmp_path: Path) -> None:
    """The variable's name is made from the path, and its text is read as the setting's type."""
    raw, value = EXAMPLES[row.kind] if row.form is None else (row.form.example, row.form.example)
    if row.kind == tuple[str, ...] and row.form is not None:
        value = (raw,)
    if row.most is not None:
        raw, value = f"{row.most:g}", row.kind(row.most)
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


WRONG_KINDS: dict[object, list[object]] = {
    str: [3, 1.5, True, ["a"]],
    float: ["x", True, ["a"], float("nan"), float("inf"), 10**400],
    int: ["x", True, 1.5, ["a"], float("inf"), 10**400],
    bool: ["maybe", 2, ["a"]],
    tuple[str, ...]: [3, True, [1]],
}
NO_FORM = ["x y", "nix/", "300.1.1.1/8", "ftp://example.org", "http://", "maybe\x00"]
"""Texts that no setting with a form can be."""


@pytest.mark.parametrize("row", config.table(), ids=lambda row: row.path)
def test_no_setting_takes_what_it_cannot_be(row: config.Setting, tmp_path: Path) -> None:
    """Wrong types, numbers out of range and texts of another form are one sentence that names the setting."""
    wrong = list(WRONG_KINDS[row.kind])
    if row.kind is int and row.most is None:
        wrong.remove(10**400)
    wrong += [] if row.least is None else [row.least - 1]
    wrong += [] if row.most is None else [row.most + 1]
    wrong += [] if row.form is None else [[no] if row.kind == tuple[str, ...] else no for no in NO_FORM]
    for raw in wrong:
        with pytest.raises(SettingError, match=re.escape(f"setting {row.path}: ")) as caught:
            config.load({}, home=tmp_path, options={row.path: raw})
        assert "\n" not in str(caught.value)
        assert caught.value.exit_code == 2


@pytest.mark.parametrize("row", config.table(), ids=lambda row: row.path)
def test_defaults_are_what_a_setting_can_be(row: config.Setting, tmp_path: Path) -> None:
    """Whoever writes a default down gets the default."""
    loaded = config.load({}, home=tmp_path, options={row.path: row.default})
    assert config.value_of(loaded, row.path) == row.default


@pytest.mark.parametrize(
    ("path", "raw", "words"),
    [
        (
            "timezone",
            "Mars/Base",
            "'Mars/Base' from option is not a time zone; write one such as Europe/Berlin, or UTC",
        ),
        ("timezone", "Europe", "is not a time zone"),
        ("language", "fr", "'fr' from option is not one of en, de"),
        ("smtp.tls", "maybe", "'maybe' from option is not one of required, optional, off"),
        ("smtp.after_crash", "x", "is not one of uncertain, again"),
        ("base_url", "papers.example.org", "is not the address of a site; write it as https://papers.example.org"),
        ("base_url", "https://papers.example.org/?x", "is not the address of a site"),
        ("access.proxy_from", ["::1", "300.1.1.1"], "'300.1.1.1' from option is not an address or a network"),
        ("access.proxy_header", "X Rem: U", "is not the name of a header; write one such as X-Remote-User"),
        ("feeds.hub", "x", "is not a web address; write it with http:// or https://"),
        ("search.semantic_weight", 1.5, "1.5 from option is above 1"),
        ("serve.port", 99999, "99999 from option is above 65535"),
        ("oidc.issuer", "http://login.example.org", "is not an encrypted web address; write it with https://"),
        ("outlets.services", ["slack://x"], "'slack://x' from option is not the beginning of a service's address"),
    ],
)
def test_a_value_of_another_form_is_told_with_what_is_allowed(
    path: str, raw: object, words: str, tmp_path: Path
) -> None:
    """The sentence says how it is written."""
    with pytest.raises(SettingError) as caught:
        config.load({}, home=tmp_path, options={path: raw})
    assert words in str(caught.value)


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:8080/x", "http://localhost:8080", "http://[::1]/", "https://a.b"])
def test_a_provider_of_this_machine_may_go_without_encryption(issuer: str, tmp_path: Path) -> None:
    """What goes over no network is read by nobody."""
    assert config.load({}, home=tmp_path, options={"oidc.issuer": issuer}).oidc.issuer == issuer


def test_a_wrong_secret_is_not_repeated(tmp_path: Path) -> None:
    """An address of a mail server has its password in it."""
    with pytest.raises(SettingError) as caught:
        config.load({"BROADSHEET_SMTP__URL": "mail.example.org/hunter2"}, home=tmp_path)
    assert str(caught.value) == (
        "setting smtp.url: what comes from environment is not the address of a mail server; "
        "write smtp://user:password@host:587"
    )


def test_languages_are_those_with_a_catalogue(tmp_path: Path) -> None:
    """The setting takes each language that pages can be read in."""
    for language in languages():
        assert config.load({}, home=tmp_path, options={"language": language}).language == language


def test_a_mistyped_variable_is_told(tmp_path: Path) -> None:
    """A variable with a section that sets nothing stops as an unknown name in the file does, and says what is near."""
    with pytest.raises(SettingError) as caught:
        config.load({"BROADSHEET_ARXIV__CATEGORYS": "cs.CL"}, home=tmp_path)
    assert str(caught.value) == (
        "setting arxiv.categorys: unknown, in environment (BROADSHEET_ARXIV__CATEGORYS); did you mean arxiv.categories?"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[arxiv]\nmin_intervall = 3\n", "did you mean arxiv.min_interval?"),
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
