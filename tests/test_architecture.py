"""The rooms of docs/ARCHITECTURE.md, held by walking the source: who imports whom, what is used where, how long."""

import ast
import gc
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "broadsheet"

ROWS = (
    ("types", "errors"),
    ("text", "config", "codec", "words"),
    ("net", "sources", "identity", "store", "search", "rank", "digest", "feeds", "cite", "prose", "demo"),
    ("library",),
    ("web", "jobs"),
    ("cli",),
    ("__main__",),
)
ROW_OF = {room: number for number, row in enumerate(ROWS) for room in row}

HOMES = {
    "sqlalchemy": ("store/",),
    "sqlite3": ("store/",),
    "alembic": ("store/",),
    "psycopg": ("store/",),
    "urllib3": ("net/",),
    "urllib.request": ("net/proxy.py",),
    "http.client": (),
    "httpx": (),
    "requests": (),
    "smtplib": ("digest/",),
    "tantivy": ("search/",),
    "wordllama": ("search/",),
    "webauthn": ("library/access/",),
    "joserfc": ("library/access/",),
    "onnx": ("search/",),
    "onnxruntime": ("search/",),
    "tokenizers": ("search/",),
    "fastapi": ("web/",),
    "starlette": ("web/",),
    "jinja2": ("web/", "digest/"),
    "typer": ("cli/",),
    "babel": ("words/",),
}

PURE = (
    "identity",
    "text",
    "feeds",
    "cite",
    "prose",
    "rank",
    "search.query",
    "search.fusion",
    "types",
    "errors",
    "codec",
    "words.said",
)
IMPURE_MODULES = {"random", "secrets", "socket", "subprocess", "time", "os"}
CLOCKS = {"now", "utcnow", "today"}

LONGEST_MODULE, LONGEST_FUNCTION, MOST_PARAMETERS = 700, 60, 8

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One file of the source: dotted name below `broadsheet` (empty for the package itself) and its tree."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the tree."""
        return _nodes(self.path)

    @property
    def room(self) -> str:
        return self.name.partition(".")[0]

    @property
    def place(self) -> str:
        return self.path.relative_to(SOURCE).as_posix()


@cache
def modules() -> tuple[Module, ...]:
    gc.disable()  # or the collector looks through all nodes again and again while they are made
    try:
        return tuple(Module(_dotted(path), path, _parse(path)) for path in sorted(SOURCE.rglob("*.py")))
    finally:
        gc.enable()


@cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(_parse(path)))


def _dotted(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def imports(module: Module) -> tuple[tuple[int, str], ...]:
    """Line and absolute name of everything imported, also inside functions and under TYPE_CHECKING."""
    return tuple(_imports(module))


def _imports(module: Module) -> Iterator[tuple[int, str]]:
    for node in module.nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module.place}:{node.lineno}: imports are absolute"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


@cache
def _names() -> frozenset[str]:
    return frozenset(other.name for other in modules())


def own_imports(module: Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name, below `broadsheet`, of each of our modules that this one imports."""
    names = _names()
    for line, name in imports(module):
        package, _, inner = name.partition(".")
        if package == "broadsheet" and inner:
            yield line, inner if inner in names else inner.rpartition(".")[0]


def functions() -> Iterator[tuple[Module, Function]]:
    for module in modules():
        for node in module.nodes:
            if isinstance(node, Function):
                yield module, node


def _body_lines(node: Function) -> int:
    docstring = ast.get_docstring(node, clean=False)
    return (node.end_lineno or node.lineno) - node.lineno + 1 - (docstring.count("\n") + 1 if docstring else 0)


def test_every_module_lives_in_a_room() -> None:
    """A new file belongs to a room of the rows above; a new room is an entry here and in docs/ARCHITECTURE.md.

    A room that is no more is taken out of both.
    """
    assert [m.place for m in modules() if m.name and m.room not in ROW_OF] == []
    assert set(ROW_OF) - {m.room for m in modules()} == set()


def test_the_rooms_of_the_library_are_named_with_what_they_hold() -> None:
    """The row of use cases in docs/ARCHITECTURE.md has each folder of `library/`, and no other."""
    page = (SOURCE.parents[1] / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    (row,) = (line for line in page.splitlines() if line.startswith("| 3 use cases | `library/` |"))
    folders = {path.parent.name for path in (SOURCE / "library").glob("*/__init__.py")}

    assert set(re.findall(r"`(\w+)/`", row)) - {"library"} == folders


def test_a_module_imports_only_rows_above_it() -> None:
    """Nouns, edges and cores, use cases, faces, the command; siblings in a row do not know each other."""
    breaches = []
    for module in modules():
        for line, name in own_imports(module):
            there = name.partition(".")[0]
            if not there or there == module.room:
                continue
            if ROW_OF[there] >= ROW_OF.get(module.room, 0):
                breaches.append(f"{module.place}:{line} imports {name}")
    assert breaches == []


def test_nothing_imports_in_a_circle() -> None:
    """The graph of imports, those inside functions too, has no cycle."""
    graph = {m.name: sorted({name for _, name in own_imports(m)} - {m.name}) for m in modules()}
    done: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above[above.index(name) :], name))
        if name not in done:
            for other in graph.get(name, ()):
                walk(other, (*above, name))
            done.add(name)

    for name in graph:
        walk(name, ())


def test_a_library_is_used_only_in_its_room() -> None:
    """SQL is in store/, outgoing HTTP in net/, mail in digest/, tantivy and encoders in search/, the web in web/."""
    breaches = [
        f"{module.place}:{line} imports {name}"
        for module in modules()
        for line, name in imports(module)
        for library, homes in HOMES.items()
        if f"{name}.".startswith(f"{library}.") and not any(module.place.startswith(home) for home in homes)
    ]
    assert breaches == []


def test_pure_modules_have_no_clock_no_chance_and_no_world() -> None:
    """What decides gets time and randomness as arguments and reaches no file, network or environment."""
    breaches = []
    for module in modules():
        if not any(f"{module.name}.".startswith(f"{pure}.") for pure in PURE):
            continue
        breaches += [
            f"{module.place}:{line} imports {name}"
            for line, name in imports(module)
            if name.partition(".")[0] in IMPURE_MODULES
        ]
        breaches += [
            f"{module.place}:{node.lineno} asks the clock"
            for node in module.nodes
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS
        ]
    assert breaches == []


def test_the_environment_is_read_in_one_place() -> None:
    """Only the command hands over `os.environ`; config alone knows the names in it."""
    breaches = [
        f"{module.place}:{node.lineno}"
        for module in modules()
        if module.room != "cli"
        for node in module.nodes
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    assert breaches == []


def test_every_module_says_what_it_is() -> None:
    """A module's docstring names its concept."""
    assert [m.place for m in modules() if not ast.get_docstring(m.tree)] == []


def test_modules_hold_one_concept() -> None:
    """A module that has grown beyond the limit is several."""
    sizes = {m.place: len(m.path.read_text(encoding="utf-8").splitlines()) for m in modules()}
    assert {place: lines for place, lines in sizes.items() if lines > LONGEST_MODULE} == {}


def test_functions_stay_short() -> None:
    """A function fits on a page, its docstring aside."""
    lengths = {f"{m.place}:{f.lineno} {f.name}": _body_lines(f) for m, f in functions()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_functions_take_few_parameters() -> None:
    """More than eight parameters are a record; commands are exempt, their options are parameters."""
    counts = {
        f"{m.place}:{f.lineno} {f.name}": len(f.args.posonlyargs + f.args.args + f.args.kwonlyargs)
        - (f.args.args[:1] != [] and f.args.args[0].arg in {"self", "cls"})
        for m, f in functions()
        if m.room != "cli"
    }
    assert {name: count for name, count in counts.items() if count > MOST_PARAMETERS} == {}


def test_all_errors_are_in_the_one_tree() -> None:
    """A class below one of errors.py is in errors.py, where the tree is printed."""
    known = {node.name for m in modules() if m.name == "errors" for node in m.nodes if isinstance(node, ast.ClassDef)}
    breaches = [
        f"{module.place}:{node.lineno} {node.name}"
        for module in modules()
        if module.name != "errors"
        for node in module.nodes
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id in known for base in node.bases)
    ]
    assert breaches == []


def test_no_error_is_swallowed() -> None:
    """A handler for all errors does something with them."""
    breaches = [
        f"{module.place}:{node.lineno}"
        for module in modules()
        for node in module.nodes
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
        and all(isinstance(statement, ast.Pass | ast.Continue) for statement in node.body)
    ]
    assert breaches == []
