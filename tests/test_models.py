"""The folder of models: added whole or not at all, listed even when broken."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from broadsheet.errors import FetchError, NotFound, SearchIndexError, UsageError
from broadsheet.search import model_record, models
from tests.shell import Shell
from tests.tiny_bert import make_folder

pytest.importorskip("onnx", reason="the extra minilm is not installed")
pytest.importorskip("onnxruntime", reason="the extra minilm is not installed")


def test_wordllama_is_always_listed(tmp_path: Path) -> None:
    """A folder that is not there holds the built-in model; none is chosen."""
    (model,) = models.list_models(tmp_path / "none")
    assert (model.name, model.broken, model.in_use) == ("wordllama", "", False)
    assert models.chosen(tmp_path / "none") is None


@pytest.mark.slow
def test_a_model_is_added_chosen_and_verified(tmp_path: Path) -> None:
    """After `add_folder` the model is listed, `use` chooses it, and a changed byte is noticed."""
    folder = tmp_path / "models"
    added = models.add_folder(folder, make_folder(tmp_path / "Tiny Bert"))
    assert (added.name, added.kind, added.dim, added.pooling) == ("tiny-bert", "onnx", 32, "mean")
    assert added.encoder.startswith("tiny-bert-")
    assert models.use(folder, "tiny-bert").in_use
    assert [model.name for model in models.list_models(folder) if model.in_use] == ["tiny-bert"]
    assert models.verify(folder, "tiny-bert") == ""
    content = bytearray((folder / "tiny-bert" / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "tiny-bert" / "model.onnx").write_bytes(content)
    assert models.verify(folder, "tiny-bert") == "model.onnx is not as it was added"
    models.add_folder(folder, tmp_path / "Tiny Bert")
    (folder / "tiny-bert" / "tokenizer.json").write_text("{}")
    assert models.verify(folder, "tiny-bert") == "tokenizer.json is not as it was added"


@pytest.mark.parametrize(
    ("damage", "wanted"),
    [
        (lambda place: (place / "broadsheet.json").unlink(), "broadsheet.json is missing"),
        (lambda place: (place / "broadsheet.json").write_text("{"), "cannot be read"),
        (lambda place: (place / "broadsheet.json").write_text('{"kind": "magic"}'), "unknown kind"),
        (lambda place: (place / "broadsheet.json").write_text('{"strange": 1}'), "cannot be read"),
        (lambda place: (place / "model.onnx").write_bytes(b"x"), "cut off"),
        (lambda place: (place / "tokenizer.json").unlink(), "tokenizer.json is missing"),
    ],
)
def test_a_broken_model_is_listed_as_broken(tmp_path: Path, damage: Callable[[Path], None], wanted: str) -> None:
    """Whatever is wrong with a model, the list stands and says so; it can be neither used nor verified as whole."""
    place = tmp_path / "mine"
    place.mkdir()
    for name in ("model.onnx", "tokenizer.json"):
        (place / name).write_bytes(b"content")
    model_record.finish(place, model_record.Model("mine", "onnx", "mine-int8", 3))
    assert models.list_models(tmp_path)[1].broken == ""
    damage(place)
    assert wanted in models.list_models(tmp_path)[1].broken
    with pytest.raises(SearchIndexError):
        models.use(tmp_path, "mine")
    assert models.verify(tmp_path, "mine")


@pytest.mark.slow
def test_a_failed_addition_leaves_nothing(tmp_path: Path) -> None:
    """A folder that cannot be built leaves the models as they were, the old one of that name too."""
    folder = tmp_path / "models"
    models.add_folder(folder, make_folder(tmp_path / "one"), "mine")
    bad = make_folder(tmp_path / "two")
    (bad / "model.safetensors").write_bytes(b"\0" * 40)
    with pytest.raises(UsageError, match="does not hold a BERT"):
        models.add_folder(folder, bad, "mine")
    assert [path.name for path in folder.iterdir()] == ["mine"]
    assert models.verify(folder, "mine") == ""


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    """Names of no model, no folder, or that cannot be a folder's name get a sentence."""
    with pytest.raises(NotFound, match="not among wordllama"):
        models.use(tmp_path, "mine")
    with pytest.raises(NotFound):
        models.verify(tmp_path, "mine")
    with pytest.raises(UsageError, match="no such folder"):
        models.add_folder(tmp_path, tmp_path / "none")
    for name in ("../x", "none", "wordllama", "a/b", "é"):
        with pytest.raises(UsageError, match="not usable"):
            models.add_folder(tmp_path / "models", make_folder(tmp_path / "folder"), name)


def hub(files: Path) -> models.Get:
    """The hub as a function: it has what the folder has, under the model's address."""

    def get(url: str, *, host: str) -> Any:
        assert host == "huggingface"
        path = files / url.removeprefix("https://huggingface.co/someone/tiny/resolve/main/")
        if not path.is_file():
            raise FetchError("huggingface", "not found", status=404, permanent=True)
        return SimpleNamespace(body=path.read_bytes())

    return get


@pytest.mark.slow
def test_a_model_comes_from_the_hub(tmp_path: Path) -> None:
    """Its files are fetched by one function, built as a folder's are, and its address is kept."""
    source = make_folder(tmp_path / "source")
    added = models.add_from_hub(tmp_path / "models", "someone/tiny", hub(source))
    assert (added.name, added.source, added.broken) == ("tiny", "https://huggingface.co/someone/tiny", "")
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["tiny"]
    assert json.loads((tmp_path / "models" / "tiny" / "broadsheet.json").read_bytes())["source"] == added.source


def test_without_the_hub_nothing_changes(tmp_path: Path) -> None:
    """No network, an unknown model or a name of no model is one sentence and no file."""

    def unreachable(url: str, *, host: str) -> Any:
        raise FetchError("huggingface", "cannot be reached", "try again later")

    with pytest.raises(FetchError, match="cannot be reached"):
        models.add_from_hub(tmp_path / "models", "someone/tiny", unreachable)
    with pytest.raises(NotFound, match=r"no config.json"):
        models.add_from_hub(tmp_path / "models", "someone/tiny", hub(tmp_path))
    with pytest.raises(UsageError, match="OWNER/NAME"):
        models.add_from_hub(tmp_path / "models", "tiny", unreachable)
    assert not list((tmp_path / "models").iterdir())


class _Hub(BaseHTTPRequestHandler):
    """Serves a folder as the hub does: weights are redirected to another address."""

    files: Path

    def do_GET(self) -> None:
        name = self.path.removeprefix("/someone/tiny/resolve/main/")
        if name == "model.safetensors":
            self.send_response(302)
            self.send_header("Location", "/elsewhere/model.safetensors")
            self.end_headers()
            return
        path = self.files / name.removeprefix("/elsewhere/")
        content = path.read_bytes() if path.is_file() else None
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody listens."""


@pytest.fixture
def hub_address(tmp_path: Path) -> Iterator[str]:
    handler = type("Handler", (_Hub,), {"files": make_folder(tmp_path / "served")})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.slow
def test_the_command_downloads_a_model(shell: Shell, hub_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`model add OWNER/NAME` fetches over HTTP, redirects followed, however small answers of sources must be."""
    monkeypatch.setenv("BROADSHEET_HUGGINGFACE__URL", hub_address)
    monkeypatch.setenv("BROADSHEET_HUGGINGFACE__MIN_INTERVAL", "0")
    monkeypatch.setenv("BROADSHEET_NET__MAX_BYTES", "1024")
    shell.json("model", "add", "someone/tiny")
    rows = {row["name"]: row for row in shell.json("model", "list")["models"]}
    assert (rows["tiny"]["state"], rows["tiny"]["source"]) == ("ok", f"{hub_address}/someone/tiny")
