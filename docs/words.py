"""Keep the catalogues of words as the code and the templates are: every message in, none that is gone.

`--check` writes nothing and exits with 1 where a catalogue would change, or a message is not translated.
"""

import argparse
import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

SOURCE = Path(__file__).resolve().parents[1] / "src" / "broadsheet"
CATALOGUES = SOURCE / "words"
SAYING = {"said": 1, "counted": 2, "gettext": 1, "ngettext": 2}
"""Functions of Python that say something, and how many of their arguments are messages."""

FAILING = frozenset(
    [
        "BroadsheetError",
        "FetchError",
        "Forbidden",
        "FormatError",
        "Interrupted",
        "NotBelieved",
        "NotFound",
        "NotLetIn",
        "NotYours",
        "Overtaken",
        "SignInNeeded",
        "StoreBusy",
        "TooManyTries",
        "UsageError",
        "__init__",
    ]
)
"""Errors whose subject, cause and way out are messages where they stand in the code as they are."""

FACED = (
    "errors",
    "web/",
    "net/",
    *(f"sources/{place}" for place in ("arxiv_", "huggingface", "oai_page", "signals/", "xmltree")),
    *(f"library/{place}" for place in ("access", "background", "comments", "digests", "editions/edition", "fields")),
    *(f"library/interest/{place}" for place in ("profiles", "relist", "seeding", "welcome")),
    *(f"library/{place}" for place in ("harvest/pull", "names", "outlets", "papers", "readers", "upkeep/switches")),
    *(f"library/shelf/{place}" for place in ("collections", "mark", "saved", "undo")),
)
"""Where errors come from that pages show to readers; what only commands meet stays English."""

KEYWORDS = ("_", "gettext", "ngettext")
OPTIONS = {
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "newstyle_gettext": "true",
    "trimmed": "true",
    "silent": "false",
}

HEADER = """# {0.locale.english_name}. `./run words` puts new messages in and takes out what is gone.
msgid ""
msgstr ""
"Language: {0.locale}\\n"
"Plural-Forms: {0.plural_forms}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
"""Nothing in it changes with time or with Babel's version."""

Found = tuple[str, str | tuple[str, ...]]


def messages() -> Iterator[Found]:
    """Every message with the file that it is in, in the order of the files."""
    for path in sorted(SOURCE.rglob("*.py")):
        of_pages = path.relative_to(SOURCE).as_posix().startswith(FACED)
        for message in _of_python(path, failing=of_pages):
            yield path.relative_to(SOURCE).as_posix(), message
    for path in sorted(SOURCE.rglob("templates/*.html")):
        with path.open("rb") as file:
            for _, _, texts, _ in babel_extract(file, KEYWORDS, (), OPTIONS):
                yield path.relative_to(SOURCE).as_posix(), _plain(texts)


def _of_python(path: Path, *, failing: bool) -> Iterator[str | tuple[str, ...]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name in SAYING:
            texts = [
                a.value for a in node.args[: SAYING[name]] if isinstance(a, ast.Constant) and isinstance(a.value, str)
            ]
            if texts:
                yield texts[0] if len(texts) == 1 else tuple(texts)
        elif isinstance(node, ast.Call) and failing and name in FAILING:
            yield from (
                a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str) and a.value
            )


def _plain(message: str | tuple[str | None, ...] | None) -> str | tuple[str, ...]:
    texts = (message,) if isinstance(message, str) else tuple(text for text in message or () if text)
    return texts[0] if len(texts) == 1 else texts


def template() -> Catalog:
    """All messages, without translations."""
    made = Catalog()
    for place, message in messages():
        made.add(message, locations=[(place, 0)])
    return made


def fresh(path: Path) -> tuple[bytes, list[str]]:
    """A catalogue as it should be, and what is wrong with its translations."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    catalogue.update(template(), no_fuzzy_matching=True, update_creation_date=False)
    out = BytesIO()
    out.write(HEADER.format(catalogue).encode())
    write_po(out, catalogue, width=120, omit_header=True, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return out.getvalue(), [fault for message in catalogue if message.id for fault in _faults(catalogue, message)]


def _faults(catalogue: Catalog, message: Message) -> Iterator[str]:
    name = repr(message.id if isinstance(message.id, str) else message.id[0])
    texts = [message.string] if isinstance(message.string, str) else list(message.string or ("",))
    if not all(texts) or message.fuzzy:
        yield f"{name} is not translated"
    else:
        yield from (f"{name}: {error}" for error in message.check(catalogue))


def main() -> int:
    """Exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where something is missing")
    check = parser.parse_args().check
    failed = False
    for path in sorted(CATALOGUES.glob("*.po")):
        wanted, faults = fresh(path)
        if check and wanted != path.read_bytes():
            faults.append("`./run words` writes it anew")
        elif not check:
            path.write_bytes(wanted)
        for fault in faults:
            sys.stderr.write(f"{path.name}: {fault}\n")
        failed = failed or bool(faults)
    return int(check and failed)


if __name__ == "__main__":
    sys.exit(main())
