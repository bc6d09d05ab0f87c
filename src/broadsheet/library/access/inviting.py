"""Inviting somebody to become a reader: a link, which goes by mail where that is set up."""

from broadsheet.digest.render import Notice
from broadsheet.library.access import tickets
from broadsheet.library.address import address
from broadsheet.library.digests.subscription import may_mail, queue_notice
from broadsheet.library.handle import Library
from broadsheet.library.mails.post import is_set_up
from broadsheet.library.readers import check_email, role_of
from broadsheet.types import Reader
from broadsheet.words.said import said


def invite(lib: Library, by: Reader, role: str, email: str = "") -> tuple[str, bool]:
    """The address of an invitation, and whether it was mailed to `email`. Raises UsageError for what cannot be."""
    if email:
        check_email(email)
    link = address(lib, f"join/{tickets.invite(lib, role_of(role), email or None)}")
    if not email or not is_set_up(lib) or not may_mail(lib, email):
        return link, False
    name = lib.settings.smtp.sender_name
    notice = Notice(
        subject=said("%(reader)s invites you to %(name)s", reader=by.display or by.name, name=name),
        sentence=said("%(name)s lists new research papers, day by day, and learns what you like to read.", name=name),
        button=said("Come in"),
        link=link,
        otherwise=said("The link is good for two weeks. If you do not want it, do nothing."),
    )
    queue_notice(lib, by, email, notice, "invitation")
    return link, True
