"""The `mark` command: what a reader says of a paper."""

from typing import TYPE_CHECKING, Annotated

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, open_library

if TYPE_CHECKING:
    from broadsheet.library.handle import Library
    from broadsheet.library.shelf.mark import Marked
    from broadsheet.library.shelf.undo import Undone

_WHAT = "up, down (less of this), save, read, hide, note TEXT, or clear."


def mark(
    reader: Annotated[str, typer.Argument(metavar="READER", help="Whose mark it is.")],
    key: Annotated[
        str | None, typer.Argument(metavar="KEY", help="A paper's key or any of its ids; all marks without.")
    ] = None,
    what: Annotated[str | None, typer.Argument(metavar="[MARK]", help=_WHAT)] = None,
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help='The text of a note; "" takes it back.')] = None,
    interest: Annotated[str | None, typer.Option("--interest", help="The interest that the mark shall teach.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Take this mark back.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take back the reader's last action.")] = False,
    kind: Annotated[list[str] | None, typer.Option("--kind", "-k", help="List only marks of this kind.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="How many to list; 0 is all.")] = 20,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say what a reader thinks of a paper, or list what was said."""
    from broadsheet.errors import UsageError
    from broadsheet.library.shelf import mark as marks
    from broadsheet.library.shelf.undo import undo as take_back

    if undo and key is not None:
        raise UsageError(
            "mark --undo", "takes back the last action, whatever paper it was on", "name no paper, or use --off"
        )
    if what is None and (off or interest is not None):
        given = "--off" if off else "--interest"
        raise UsageError(f"mark {given}", "there is no mark that it is about", "name a paper and a mark")
    with open_library(home) as lib:
        if undo:
            tell_undone(take_back(lib, reader), as_json)
        elif key is None:
            _list(lib, reader, kind or [], limit, as_json)
        elif what is None:
            _tell(marks.marked(lib, reader, key), as_json)
        elif off:
            _tell(marks.unmark(lib, reader, key, [what]), as_json)
        else:
            _tell(marks.mark(lib, reader, key, what, text=text, interest=interest), as_json)


def _tell(found: "Marked", as_json: bool) -> None:
    from broadsheet.library.answers import marked_fields

    output.emit(marked_fields(found)) if as_json else output.tell(_sentence(found))


def tell_undone(found: "Undone", as_json: bool) -> None:
    """Print what was taken back."""
    from broadsheet.library.answers import undone_answer

    if as_json:
        output.emit(undone_answer(found))
    elif not found:
        output.tell("There is nothing to undo.")
    else:
        for name in found.things:
            output.tell(f"{name}: as it was before")
        for one in found.papers:
            output.tell(_sentence(one))


def _list(lib: "Library", reader: str, kinds: list[str], limit: int, as_json: bool) -> None:
    from broadsheet.library.answers import marked_fields
    from broadsheet.library.shelf.mark import marks_of

    found, total = marks_of(lib, reader, kinds=kinds, limit=limit or None)
    if as_json:
        output.emit({"reader": reader, "total": total, "marks": [marked_fields(one) for one in found]})
        return
    if not found:
        of_these = f" of kind {', '.join(kinds)}" if kinds else ""
        output.tell(f"No marks{of_these} yet: `broadsheet mark {reader} KEY {kinds[0] if kinds else 'up'}` makes one.")
    for one in found:
        output.tell(_sentence(one))
    if len(found) < total:
        output.tell(f"{len(found)} of {total:,}; --limit 0 lists all.")


def _sentence(found: "Marked") -> str:
    from broadsheet.text import plain

    said = ", ".join(found.kinds) or "no mark"
    note = f"\n    {found.note}" if found.note else ""
    return f"{found.paper.key}: {said} · {plain(found.paper.title)}{note}"


COMMANDS = {"mark": mark}
