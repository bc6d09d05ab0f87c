"""Which encoder finds by meaning: list, add, choose."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from broadsheet.errors import UsageError
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.index import catch_up

if TYPE_CHECKING:
    from broadsheet.search.model_record import Model

_LARGEST_MODEL = 4_000_000_000  # bytes; `net.max_bytes` is about answers of sources, and smaller than MiniLM


def list_models(lib: Library) -> list[dict[str, Any]]:
    """All models with dimensions, source, state, and which one finds by meaning now."""
    from broadsheet.search import models
    from broadsheet.search.encoder import get_encoder

    folder = _folder(lib)
    encoder = get_encoder(lib.settings.encoder, folder)
    return [_row(model, encoder.name if encoder else "") for model in models.list_models(folder)]


def add_model(lib: Library, source: str, *, name: str | None, progress: Progress = no_progress) -> dict[str, Any]:
    """Take in a local sentence-transformers folder, or a model of the hub by its name there.

    Raises MissingExtra, FetchError or UsageError in one sentence; a model is there whole or not at all.
    """
    from broadsheet.net import Client
    from broadsheet.search import models

    lib.make_home()
    progress(f"model {source}", 0, None)
    place = Path(source).expanduser()
    if place.is_dir():
        return _row(models.add_folder(_folder(lib), place, name or ""), "")
    large = replace(lib.settings.net, max_bytes=max(lib.settings.net.max_bytes, _LARGEST_MODEL))
    with Client(replace(lib.settings, net=large)) as client:
        hub = lib.settings.huggingface.url
        return _row(models.add_from_hub(_folder(lib), source, client.get, name or "", hub), "")


def use_model(lib: Library, name: str, progress: Progress = no_progress) -> dict[str, Any]:
    """Choose a model and build its vectors beside the old ones, which serve until the new ones are complete."""
    from broadsheet.search import models
    from broadsheet.store import writer_lock

    origin = lib.settings.origins["encoder"]
    if lib.settings.encoder != "auto":
        remedy = "set it to `auto`, and `model use` decides"
        raise UsageError(
            "setting encoder", f"is {lib.settings.encoder} (from {origin}) and wins over this choice", remedy
        )
    lib.make_home()
    with writer_lock(lib.home, "broadsheet model use"):
        chosen = models.choose(_folder(lib), name)
        catch_up(lib, progress)
    from broadsheet.library.index import StoreFeed

    return {"model": chosen, "papers": StoreFeed(lib.store).count()}


def _folder(lib: Library) -> Path:
    return lib.home / "models"


def _row(model: "Model", used: str) -> dict[str, Any]:
    return {
        "name": model.name,
        "kind": model.kind,
        "dimensions": model.dim or None,
        "source": model.source or "comes with Broadsheet",
        "state": model.broken or "ok",
        "used": model.encoder == used,
    }
