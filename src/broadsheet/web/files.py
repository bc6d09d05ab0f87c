"""Files that are given to be saved: the kind of each format, and what a file is called."""

import re
from typing import Final

KINDS: Final = {
    "bib": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "json": "application/vnd.citationstyles.csl+json",
    "md": "text/markdown",
    "jsonl": "application/x-ndjson",
}
"""By the end of its name."""

_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9.]+")


def to_be_saved(name: str, extension: str, otherwise: str = "papers") -> dict[str, str]:
    """The header of a file that is called by what it holds; `otherwise`: where no letter of that can be in its name."""
    plain = _NOT_IN_NAMES.sub("-", name)[:60].strip("-.") or otherwise
    return {"Content-Disposition": f'attachment; filename="{plain}.{extension}"'}
