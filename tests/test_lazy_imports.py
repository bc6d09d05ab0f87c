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


@pytest.mark.parametrize(
    ("given", "expected"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "4"}, "4"), ({"OMP_NUM_THREADS": "3"}, None)]
)
def test_numpy_is_told_to_calculate_in_one_thread_before_it_is_loaded(
    given: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the environment says of threads is left as it is; the command that serves loads numpy only later."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    code = (
        "import os, broadsheet.cli.harvest as harvest\n"
        "harvest.open_library = lambda *_, **__: print(os.environ.get('OPENBLAS_NUM_THREADS')) or sys.exit(0)\n"
        "assert 'numpy' not in sys.modules\n"
        "harvest.serve()"
    )
    done = subprocess.run([sys.executable, "-c", f"import sys\n{code}"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, str(expected)), done.stderr
