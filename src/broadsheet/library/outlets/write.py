"""What is written to outlets: a digest as JSON for webhooks, as a short message for services."""

from dataclasses import asdict, replace
from typing import Any
from urllib.parse import quote

import orjson

from broadsheet.codec import time_to_text
from broadsheet.digest.bulletin import bulletin
from broadsheet.digest.content import Content
from broadsheet.digest.render import subject_of
from broadsheet.library.address import address
from broadsheet.library.handle import Library
from broadsheet.library.language import words_of
from broadsheet.types import Outlet, Reader
from broadsheet.words.catalogue import Words


def written(lib: Library, who: Reader, words: Words, to: Outlet, content: Content) -> str | None:
    """The body of a digest for an outlet; None where its sections have nothing."""
    chosen = replace(content, sections=tuple(s for s in content.sections if not to.sections or s.name in to.sections))
    if to.sections and not any(chosen.items):
        return None
    subject = subject_of(chosen, words)
    archive = address(lib, f"digests/{content.edition}")
    if to.kind == "service":
        text = bulletin(chosen, lambda key: address(lib, f"paper/{quote(key, safe=':/')}"), archive, words)
        return _json({"title": subject, "text": text})
    return _json(_envelope(lib, who, "digest") | {"subject": subject, "url": archive, **asdict(chosen)})


def trial(lib: Library, who: Reader, to: Outlet) -> str:
    """The body of a message that only tells that it came."""
    text = words_of(lib, who).gettext("This is a test of %(title)s: what comes here are the digests of %(name)s.")
    text %= {"title": lib.settings.smtp.sender_name, "name": who.name}
    if to.kind == "service":
        return _json({"title": lib.settings.smtp.sender_name, "text": text})
    return _json(_envelope(lib, who, "test") | {"text": text})


def _envelope(lib: Library, who: Reader, what: str) -> dict[str, Any]:
    return {"type": what, "created": time_to_text(lib.now()), "reader": who.name}


def _json(doc: dict[str, Any]) -> str:
    return orjson.dumps(doc).decode()
