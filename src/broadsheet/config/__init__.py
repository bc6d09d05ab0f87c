"""Where the values of settings come from, and how they are read.

Values come from the defaults in `settings`, then what was switched in the library itself, then `config.toml` in the
home, then the environment (`BROADSHEET_` + the setting's path in capitals, dots as `__`), then options of the command.
`Settings.origins` says which it was.
"""

import contextlib
import types
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

from msgspec import Struct
from msgspec.structs import fields

from broadsheet.config import forms
from broadsheet.config.settings import OidcSettings as OidcSettings
from broadsheet.config.settings import Settings as Settings
from broadsheet.errors import SettingError

ENVIRONMENT_PREFIX = "BROADSHEET_"
DEFAULT, LIBRARY = "default", "library"
"""Where a value comes from, as `origins` says it: nobody said anything, or an admin did on the page."""


class Setting(Struct, frozen=True):
    """One row of the table: dotted path, type, default, sentence, whether it is a secret, its least and greatest value,
    the form of its text or of each of its words."""

    path: str
    kind: Any
    default: Any
    help: str
    secret: bool
    least: float | None
    most: float | None
    form: forms.Form | None

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return _variable(self.path)


def _variable(path: str) -> str:
    return ENVIRONMENT_PREFIX + path.upper().replace(".", "__")


_fields = cache(fields)  # which evaluates the annotations anew each time


@cache
def table() -> tuple[Setting, ...]:
    """Every setting, in the order of the fields."""
    return tuple(_rows(Settings, ""))


def _rows(owner: type, prefix: str) -> Iterator[Setting]:
    for f in _fields(owner):
        if _is_group(f.type):
            yield from _rows(f.type, f"{prefix}{f.name}.")
        elif get_origin(f.type) is Annotated:
            kind, said = get_args(f.type)
            more = said.extra
            yield Setting(
                prefix + f.name, kind, f.default, said.description, more["secret"], said.ge, said.le, more["form"]
            )


def _is_group(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def default_home(environ: Mapping[str, str]) -> Path:
    """`$BROADSHEET_HOME`, or the platform's folder for a user's data."""
    if environ.get("BROADSHEET_HOME"):
        return Path(environ["BROADSHEET_HOME"]).expanduser()
    from platformdirs import user_data_path

    return user_data_path("broadsheet", appauthor=False)


def load(environ: Mapping[str, str], *, home: Path | None = None, options: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings. Raises SettingError that names the setting, its value and where it came from."""
    place = home or default_home(environ)
    rows = {row.path: row for row in table()}
    values: dict[str, Any] = {}
    origins = dict.fromkeys(rows, DEFAULT)
    origins["home"] = "option" if home else "environment" if environ.get("BROADSHEET_HOME") else "default"
    layers = (
        ("config.toml", _from_file(place / "config.toml")),
        ("environment", _from_environment(environ, rows)),
        ("option", dict(options or {})),
    )
    for origin, layer in layers:
        for path, raw in layer.items():
            if path not in rows:
                where = f"{origin} ({_variable(path)})" if origin == "environment" else origin
                raise SettingError(f"setting {path}", f"unknown, in {where}", _near(path, rows))
            values[path] = _convert(rows[path], raw, origin)
            origins[path] = origin
    settings: Settings = _build(Settings, values, "", {"home": place, "origins": types.MappingProxyType(origins)})
    return settings


def switched(given: Settings, switches: Mapping[str, Any]) -> Settings:
    """The settings with what was switched in the library, for those that nobody has set otherwise.

    Of a setting that is unknown here, or a value that it cannot have, nothing is taken: a newer version wrote it.
    """
    rows, origins = {row.path: row for row in table()}, dict(given.origins)
    values = {path: value_of(given, path) for path, origin in origins.items() if path in rows and origin != DEFAULT}
    for path, raw in switches.items():
        if path in rows and origins[path] == DEFAULT:
            with contextlib.suppress(SettingError):
                values[path] = _convert(rows[path], raw, LIBRARY)
                origins[path] = LIBRARY
    made: Settings = _build(Settings, values, "", {"home": given.home, "origins": types.MappingProxyType(origins)})
    return made


def value_of(settings: Settings, path: str) -> Any:
    """What a setting is, by its dotted path."""
    value: Any = settings
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _build(owner: Any, values: Mapping[str, Any], prefix: str, given: dict[str, Any]) -> Any:
    for f in _fields(owner):
        path = prefix + f.name
        if _is_group(f.type):
            given[f.name] = _build(f.type, values, path + ".", {})
        elif path in values:
            given[f.name] = values[path]
    return owner(**given)


def _near(path: str, rows: Iterable[str]) -> str:
    import difflib  # only where a name is wrong

    near = difflib.get_close_matches(path, rows, 1)
    return f"did you mean {near[0]}?" if near else "`broadsheet status` lists all"


def _from_environment(environ: Mapping[str, str], rows: Mapping[str, Setting]) -> dict[str, str]:
    """What variables set; with the path that a mistyped one names. Those without `__` may be another program's."""
    paths = {row.variable: row.path for row in rows.values()}
    return {
        paths.get(name) or name.removeprefix(ENVIRONMENT_PREFIX).lower().replace("__", "."): value
        for name, value in environ.items()
        if name in paths or (name.startswith(ENVIRONMENT_PREFIX) and "__" in name)
    }


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        import tomllib  # most homes have no such file

        return _flatten(tomllib.loads(text))
    except FileNotFoundError:
        return {}
    except NotADirectoryError as e:
        raise SettingError(f"home {path.parent}", "is no folder", "choose another with --home") from e
    except OSError as e:
        way = "make it readable, or choose another home with --home"
        raise SettingError(str(path), f"cannot be read ({e.strerror or e})", way) from e
    except ValueError as e:
        cause = "it is not UTF-8" if isinstance(e, UnicodeDecodeError) else str(e)
        raise SettingError(str(path), f"cannot be read ({cause})", "correct it or move it away") from e


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        flat |= _flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return flat


def _convert(row: Setting, raw: Any, origin: str) -> Any:
    subject, told = f"setting {row.path}", "what comes" if row.secret else repr(raw)
    try:
        value = _CONVERT[row.kind](raw)
    except (ValueError, TypeError, KeyError, OverflowError):
        raise SettingError(subject, f"{told} from {origin} is not {_WANTED.get(row.kind, 'a text')}") from None
    if row.least is not None and value < row.least:
        raise SettingError(subject, f"{told} from {origin} is below {row.least:g}")
    if row.most is not None and value > row.most:
        raise SettingError(subject, f"{told} from {origin} is above {row.most:.15g}")
    if row.form is not None and (value or row.default):
        for one in value if isinstance(value, tuple) else (value,):
            if not row.form.has(one):
                told = told if row.secret else repr(one)
                raise SettingError(subject, f"{told} from {origin} is not {row.form.wanted}", row.form.remedy)
    return value


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw.strip()


def _number(raw: Any) -> float:
    if isinstance(raw, bool):
        raise TypeError
    value = float(raw)
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError
    return value


def _whole(raw: Any) -> int:
    if isinstance(raw, bool) or (isinstance(raw, float) and raw != int(raw)):
        raise TypeError
    return int(raw)


def _truth(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    return {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}[
        str(raw).strip().lower()
    ]


def _texts(raw: Any) -> tuple[str, ...]:
    if isinstance(raw, str):
        raw = raw.replace(",", " ").split()
    return tuple(dict.fromkeys(_text(item) for item in raw if _text(item)))


_CONVERT: dict[Any, Any] = {str: _text, float: _number, int: _whole, bool: _truth, tuple[str, ...]: _texts}
_WANTED: dict[Any, str] = {
    float: "a number",
    int: "a whole number",
    bool: "yes or no",
    tuple[str, ...]: "a list of words",
}
