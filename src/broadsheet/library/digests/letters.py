"""Digests as mails: their links signed for one reader."""

from broadsheet.digest.content import Content
from broadsheet.digest.render import Links, Rendered, render
from broadsheet.library.address import address
from broadsheet.library.handle import Library
from broadsheet.library.mails.post import message_id
from broadsheet.types import Mail
from broadsheet.words.catalogue import Words
from broadsheet.words.said import said


def mail_key(reader_id: int, edition: str) -> str:
    """The reason of a digest's mail."""
    return f"reader:{reader_id}:digest:{edition}"


def mail_of(lib: Library, content: Content, words: Words, reader_id: int, to: str, shown_secret: str) -> Mail:
    """A digest as it is queued; its links have this secret."""
    home = address(lib)
    links = Links(
        page=f"{home}d/{shown_secret}",
        settings=f"{home}digests/settings",
        unsubscribe=f"{home}unsubscribe/{shown_secret}",
        papers=f"{home}paper/",
    )
    because = said("Sent to %(to)s because you asked for it.", to=to)
    letter = render(content, links, name=lib.settings.smtp.sender_name, because=because, words=words)
    now, key = lib.now(), mail_key(reader_id, content.edition)
    domain = lib.settings.smtp.sender.rpartition("@")[2] or "localhost"
    return Mail(
        key=key,
        recipient=to,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=message_id(lib, now),
        created=now,
        due=now,
        list_id=f"<digest.{domain}>",
        unsubscribe=links.unsubscribe,
    )


def sample(lib: Library, content: Content, words: Words) -> Rendered:
    """A digest that is not sent as a mail would have it, without the links that act."""
    home = address(lib)
    links = Links(home, f"{home}digests/settings", "", f"{home}paper/", acts=False)
    because = said("A preview: nothing is sent.")
    return render(content, links, name=lib.settings.smtp.sender_name, because=because, words=words)
