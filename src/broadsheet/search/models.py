"""The folder of models: what is added, which is in use, whether a model is whole.

    models/<name>/broadsheet.json      the record `Model`, written last
                  model.onnx tokenizer.json      of a model that runs in onnxruntime
           chosen      the name of the model in use, if a person chose one

A model is built in a folder beside and renamed into place, so a name is a whole model or none.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from broadsheet.errors import FetchError, NotFound, UsageError
from broadsheet.search.files import replace_file, unreadable
from broadsheet.search.model_record import TOKENIZER, Kind, Model, content_of, digest, finish, read, whole

BUILT_IN = "wordllama"
_CHOSEN = "chosen"
_HUB = "https://huggingface.co"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_GENERIC = {"model", "models", "main", "snapshot", "onnx", "0_transformer"}  # folders that say nothing of the model
_PARTS = {"onnx": ("onnxruntime", "tokenizers"), "static": ("wordllama",), "learnt": ()}


class Answer(Protocol):
    """The part of an HTTP answer that is read here."""

    @property
    def body(self) -> bytes: ...


class Get(Protocol):
    """The one function that fetches; it raises FetchError for every answer but 200."""

    def __call__(self, url: str, *, host: str) -> Answer: ...


def list_models(folder: Path) -> list[Model]:
    """wordllama, then the added models by name, broken ones too. Raises NotReadable."""
    in_use = chosen(folder)
    wordllama = Model(BUILT_IN, "static", "wordllama-l2-256", 256, "the wordllama package")
    if not can_run("static"):
        wordllama = replace(wordllama, broken="the package wordllama is not installed")
    found = [wordllama, *map(read, _folders(folder))]
    return [replace(model, in_use=model.name == in_use) for model in found]


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name) and path.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except PermissionError as e:
        raise unreadable("models", e) from e


def find(folder: Path, name: str) -> Model | None:
    """The model of this name, broken or not."""
    return next((model for model in list_models(folder) if model.name == name), None)


def chosen(folder: Path) -> str | None:
    """The model that `use` chose; None where none was."""
    try:
        return (folder / _CHOSEN).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except PermissionError as e:
        raise unreadable("models", e) from e


def use(folder: Path, name: str) -> Model:
    """Choose the model for `auto`. Raises NotFound for an unknown one, and as `whole` does for a broken one."""
    model = find(folder, name)
    if model is None:
        there = ", ".join(known.name for known in list_models(folder))
        raise NotFound(f"model {name}", f"not among {there}", "`broadsheet model add NAME-OR-FOLDER` adds one")
    whole(model)
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / _CHOSEN, name.encode())
    return replace(model, in_use=True)


def choose(folder: Path, name: str) -> str:
    """As `use`, and `auto` takes a choice back; returns the name that was chosen."""
    if name == "none":
        raise UsageError("model none", "is no model", 'the setting encoder = "none" switches meaning off')
    if name != "auto":
        return use(folder, name).name
    (folder / _CHOSEN).unlink(missing_ok=True)
    return name


def verify(folder: Path, name: str) -> str:
    """What is wrong with a model, its bytes read and compared with what was added; empty if nothing is.

    Raises NotFound, and NotReadable for a file that this user may not read.
    """
    model = find(folder, name)
    if model is None:
        raise NotFound(f"model {name}", "there is none of this name", "`broadsheet model list` lists them")
    if model.denied:
        whole(model)
    if model.broken or not model.sha256:
        return model.broken
    noted = {content_of(model.kind): model.sha256, TOKENIZER: model.tokenizer_sha256}
    try:
        changed = [file for file, told in noted.items() if told and digest(folder / name / file) != told]
    except PermissionError as e:
        raise unreadable(f"model {name}", e) from e
    except OSError as e:
        return f"its files cannot be read ({e.strerror or e})"
    return f"{' and '.join(changed)} is not as it was added" if changed else ""


def can_run(kind: Kind) -> bool:
    """Whether the packages that run models of this kind are installed."""
    return all(find_spec(part) for part in _PARTS[kind])


def add_folder(folder: Path, source: Path, name: str = "") -> Model:
    """Add a sentence-transformers folder as an ONNX model with int8 weights; a model of that name is replaced.

    Raises UsageError that says what is supported, or MissingExtra.
    """
    from broadsheet.search.onnx_build import build

    if not source.is_dir():
        raise UsageError(
            f"model {source}",
            "there is no such folder",
            "name one, or a model of the hub as sentence-transformers/all-MiniLM-L6-v2",
        )
    name = _checked(name or _name_of(source))
    with building(folder, name) as place:
        model = build(source, place, name)
        finish(place, replace(model, source=str(source)))
    return read(folder / name)


def add_from_hub(folder: Path, repository: str, get: Get, name: str = "", hub: str = _HUB) -> Model:
    """Download a model of sentence-transformers by its name on the hub, OWNER/NAME, and add it as `add_folder` does."""
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise UsageError(f"model {repository}", "neither a folder nor a name on the hub", "write it as OWNER/NAME")
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f".download-{os.urandom(4).hex()}"
    try:
        _download(repository, place, get, hub)
        model = add_folder(folder, place, name or repository.rpartition("/")[2])
        finish(folder / model.name, replace(model, source=f"{hub}/{repository}"))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return read(folder / model.name)


@contextmanager
def building(folder: Path, name: str) -> Iterator[Path]:
    """A new folder that takes the name's place when the block ends well, and is gone when it does not."""
    folder.mkdir(parents=True, exist_ok=True)
    place, old = folder / f".new-{os.urandom(4).hex()}", folder / f".old-{os.urandom(4).hex()}"
    place.mkdir()
    try:
        yield place
        if (folder / name).exists():
            (folder / name).rename(old)
        place.rename(folder / name)
    finally:
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _checked(name: str) -> str:
    plain = name.strip().lower().replace(" ", "-")
    if not _NAME.fullmatch(plain) or plain in {BUILT_IN, "none", "auto", _CHOSEN}:
        raise UsageError(f"model name {name!r}", "not usable", "give one of letters, digits, dots and dashes")
    return plain


def _name_of(source: Path) -> str:
    """The folder's own name, or where that says nothing, the heading of the model card or the name above."""
    place = source.resolve()
    if place.name.lower() not in _GENERIC:
        return place.name
    try:
        card = (place / "README.md").read_text(encoding="utf-8", errors="replace")
    except OSError:
        card = ""
    heading = re.search(r"^# *\{?([\w./-]+)\}? *$", card, re.MULTILINE)
    return heading[1].rpartition("/")[2] if heading else place.parent.name


_HUB_FILES = (
    "config.json",
    "tokenizer.json",
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "1_Pooling/config.json",
)
_HUB_NEEDED = {"config.json", "tokenizer.json"}


def _download(repository: str, place: Path, get: Get, hub: str) -> None:
    def fetch(name: str) -> bool:
        try:
            answer = get(f"{hub}/{repository}/resolve/main/{name}", host="huggingface")
        except FetchError as e:
            if e.status != 404:
                raise
            return False
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(answer.body)
        return True

    for name in _HUB_FILES:
        if not fetch(name) and name in _HUB_NEEDED:
            raise NotFound(f"model {repository}", f"{hub} has no {name} of it", "check the name")
    if not fetch("model.safetensors") and not fetch("onnx/model.onnx"):
        raise NotFound(f"model {repository}", "it has neither model.safetensors nor onnx/model.onnx", "choose another")
