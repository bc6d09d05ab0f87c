"""What the shell waits for: `broadsheet --help` loads nothing heavy; guarded by name, as time is not ours alone."""

import importlib.util
import subprocess
import sys

import pytest

HEAVY = (
    "alembic",
    "babel",
    "bibtexparser",
    "fastapi",
    "faiss",
    "jinja2",
    "joserfc",
    "numpy",
    "onnx",
    "onnxruntime",
    "pylatexenc",
    "sqlalchemy",
    "tantivy",
    "tokenizers",
    "urllib3",
    "uvicorn",
    "webauthn",
    "wordllama",
)

pytestmark = pytest.mark.skipif(importlib.util.find_spec("broadsheet.cli") is None, reason="there is no command yet")


def _loaded_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sorted(set(sys.modules) & set({HEAVY!r})), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stderr.split())


def test_importing_the_command_loads_nothing_heavy() -> None:
    """`import broadsheet.cli` is cheap."""
    assert _loaded_after("import broadsheet.cli") == set()


@pytest.mark.slow
def test_pages_load_nothing_of_ways_to_sign_in_that_nobody_uses() -> None:
    """Passkeys and a provider cost a second of imports, which only who signs in by them waits for."""
    assert _loaded_after("import broadsheet.web.app") & {"webauthn", "joserfc"} == set()


def test_help_loads_nothing_heavy() -> None:
    """`broadsheet --help` prints and loads none of the big libraries."""
    code = (
        "import broadsheet.cli\nsys.argv = ['broadsheet', '--help']\n"
        "try: broadsheet.cli.main()\nexcept SystemExit as e: assert not e.code"
    )
    assert _loaded_after(code) == set()


def test_a_command_loads_none_of_the_others() -> None:
    """What is asked for is imported alone, and its module offers just the commands that it is listed with."""
    code = (
        "import importlib, sys, broadsheet.cli as cli\n"
        "cli.app_of('search')\n"
        "loaded = [n for n in (*cli._COMMANDS, *cli._GROUPS.values()) if f'broadsheet.cli.{n}' in sys.modules]\n"
        "assert loaded == ['find'], loaded\n"
        "for name, commands in cli._COMMANDS.items():\n"
        "    assert tuple(importlib.import_module(f'broadsheet.cli.{name}').COMMANDS) == commands, name"
    )
    _loaded_after(code)


SINGLY = (
    "harvest.up()",
    "harvest.serve()",
    "jobs.run()",
    "digest.send()",
    "recommend.recommend()",
    "interests.show('', '')",
)


def _threads_when_opened(command: str) -> str:
    """What the environment says of OpenBLAS' threads when a command opens the library, before numpy is loaded."""
    module = command.partition(".")[0]
    code = (
        f"import os, sys, broadsheet.cli.{module} as {module}\n"
        "def opened(*_, **__):\n"
        "    print(os.environ.get('OPENBLAS_NUM_THREADS'))\n"
        "    sys.exit()\n"
        f"{module}.open_library = opened\n"
        "assert 'numpy' not in sys.modules\n"
        f"{command}"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("command", SINGLY)
def test_who_serves_sends_or_learns_calculates_in_one_thread(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that wait for each other take more than they give."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    assert _threads_when_opened(command) == "1"


@pytest.mark.parametrize(
    ("name", "value", "expected"), [("OPENBLAS_NUM_THREADS", "4", "4"), ("OMP_NUM_THREADS", "3", "None")]
)
def test_what_the_environment_says_of_threads_is_left(
    name: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever named a number has it."""
    for other in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, value)
    assert _threads_when_opened("harvest.serve()") == expected
