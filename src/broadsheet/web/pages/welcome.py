"""The first steps: fields, papers or a file of references, and a page made of them. Nothing of it is needed."""

import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Final

from fastapi import Depends, Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse

from broadsheet.errors import BroadsheetError, StoreBusy, UsageError
from broadsheet.library.background import Work
from broadsheet.library.handle import Library, Progress
from broadsheet.library.harvest import demo
from broadsheet.library.index import LEARNING
from broadsheet.library.interest import welcome
from broadsheet.sources.arxiv_fields import GROUPS
from broadsheet.text import listed
from broadsheet.types import Reader
from broadsheet.web import render
from broadsheet.web.access import Admin, Lib, PersonWriting, SignedIn, Writer, led_to, local_path, ours, visitor
from broadsheet.web.routers import UNKEPT, Field, for_readers
from broadsheet.words.failure import told
from broadsheet.words.said import said

router = for_readers()

LATER: Final = "later"
"""The cookie of who does not want to be asked now."""

TOLD: Final = timedelta(minutes=10)
"""So long a page says what became of a work."""


@router.get("/welcome")
def page(request: Request, lib: Lib, who: SignedIn) -> str:
    """The form."""
    return _page(request, lib, who.known)


@router.get("/welcome/later")
def later(request: Request) -> Response:
    """Ask no more at this browser."""
    answer = led_to(request, "/")
    answer.set_cookie(LATER, "1", max_age=365 * 24 * 3600, httponly=True, samesite="lax")
    return answer


@router.post("/welcome")
def begin(
    request: Request,
    lib: Lib,
    who: PersonWriting,
    field: Annotated[list[str] | None, Form()] = None,
    about: Field = "",
    papers: Field = "",
    only: Field = "",
    file: UploadFile | None = None,
) -> Response:
    """Make a page of what is said, and show it."""
    kept = None
    try:
        kept = _kept(file)
        said = welcome.Wishes(tuple(field or ()), about, listed(papers), kept, bool(only))
        fetches = welcome.begin(lib, who.known, said)
    except BroadsheetError as e:
        if kept:
            kept.unlink(missing_ok=True)
        given: dict[str, object] = {"field": field or [], "about": about, "papers": papers, "only": only}
        return HTMLResponse(_page(request, lib, who.known, given, told(e)), 400)
    path = "/" if fetches else "/mine"  # a list that is looked at too soon stays as it is for the day
    return led_to(request, path)


@router.post("/welcome/sample", dependencies=[Depends(ours)])
def sample(request: Request, lib: Lib, who: Admin) -> Response:
    """Load the invented sample edition into a library that has nothing, once a harvest that still tries gave up."""
    if not lib.store.is_empty():
        raise UsageError("sample", "is for an empty library, and this one has papers")
    try:
        demo.load(lib)
    except StoreBusy:
        lib.background.begin(said("the sample"), partial(_load_sample, lib), whose=who.known.name)
    return led_to(request, "/")


def _load_sample(lib: Library, progress: Progress) -> None:
    if lib.store.is_empty():
        demo.load(lib, progress)


def work_of(request: Request, lib: Library) -> Work | None:
    """What is being done for the visitor just now, or was a moment ago; a harvest for all, while it concerns them."""
    who = visitor(request)
    own = lib.background.of(who.reader.name) if who.reader else None
    if own and (own.ended is None or (not own.is_seen and lib.now() - own.ended < TOLD)):
        return own
    work = lib.background.work
    if work is None or work.whose or work.what == LEARNING or not work.is_running:
        return None
    concerned = (who.reader is not None and who.reader.role == "admin") or lib.store.is_empty()
    return work if concerned else None


@router.get("/underway")
def underway(request: Request, lib: Lib, at: str = "/") -> HTMLResponse:
    """What `work_of` knows, as a part of the page `at`, for the script that keeps it true."""
    html = render.page(request, "underway.html", here=local_path(at), work=work_of(request, lib))
    return HTMLResponse(html, headers=UNKEPT)


@router.post("/underway/seen")
def seen(request: Request, lib: Lib, who: Writer, back: Field = "/") -> Response:
    """How the visitor's works ended need not be told any more."""
    lib.background.seen(who.known.name)
    return led_to(request, local_path(back))


def _page(
    request: Request, lib: Library, reader: Reader, given: dict[str, object] | None = None, trouble: str = ""
) -> str:
    return render.page(
        request,
        "welcome.html",
        groups=GROUPS,
        given=given or {},
        empty=lib.store.is_empty(),
        work=work_of(request, lib),
        trouble=trouble,
        harvested=welcome.harvested_for(lib, reader),
    )


def _kept(file: UploadFile | None) -> Path | None:
    """The file that was sent, where the work that reads it finds it. Raises UsageError for one that has no papers."""
    if file is None or not file.filename:
        return None
    with tempfile.NamedTemporaryFile(prefix="broadsheet-", suffix=Path(file.filename).suffix[:8], delete=False) as out:
        out.write(file.file.read())
    kept = Path(out.name)
    try:
        welcome.check_file(kept, file.filename)
    except UsageError:
        kept.unlink()
        raise
    return kept
