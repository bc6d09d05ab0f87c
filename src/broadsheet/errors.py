"""All errors of Broadsheet.

BroadsheetError                 one sentence: subject, cause, way out
├── UsageError                  the person asked for something that cannot be (exit 2)
│   ├── SettingError            a setting has a value that it cannot have
│   ├── NotFound                no such paper, day, reader, model, …
│   ├── NotHad                  of the papers that were named, these could not be had
│   ├── NotYours                another reader's, which only they or an editor may change
│   ├── Overtaken               it was changed from another window since it was looked at
│   └── TooManyTries            the door is shut for a while for this name or this address
├── SignInNeeded                the page or the action is for readers who have signed in
│   └── BadToken                a token of ours that lets nobody in
├── Forbidden                   the reader is known, and may not do this
│   └── StaleForm               a form lacks what only our own page could have put into it
├── NotBelieved                 what came back of a sign-in elsewhere does not hold
├── NotLetIn                    somebody else knows them; this instance does not
├── SourceError                 a source did not give what it should; `permanent` says if a retry can help
│   ├── FetchError              it could not be reached, or answered with an error
│   └── FormatError             it answered something that cannot be read
├── StoreError                  the library cannot be read or written
│   ├── StoreBusy               another process is writing
│   ├── StoreAway               its server does not answer, or stopped doing so
│   └── StoreDamaged            an integrity check failed
├── SearchIndexError            a search index cannot be read or written; it can be rebuilt
│   ├── NoRoom                  the disk takes no more of it; what was committed is whole
│   └── NotReadable             this user may not read it
├── DeliveryError               digests could not be made or sent; what is due is tried again
├── MailError                   no mail can be handed over at all; `permanent` says if a retry can help
├── NotUnderstood               a mail that came back tells for certain of no mail's fate
├── MissingExtra                an optional part is not installed; names the install line
└── Interrupted                 the work was stopped half way; what is stored is whole
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

_LONGEST_SUBJECT = 300
"""Letters of a name that a sentence repeats: nearly every path is shorter."""


class BroadsheetError(Exception):
    """`subject: cause; way out` in one sentence, without a traceback.

    `subject` is what it is about ("arxiv feed"), cut short where somebody gave a whole text for a name; `cause` is what
    happened, `remedy` what the reader can do.
    """

    exit_code = 1

    def __init__(self, subject: str, cause: str, remedy: str = "") -> None:
        if len(subject) > _LONGEST_SUBJECT:
            subject = f"{subject[: _LONGEST_SUBJECT // 2]}…"
        self.subject, self.cause, self.remedy = subject, cause, remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        return f"{self.subject}: {self.cause}" + (f"; {self.remedy}" if self.remedy else "")


class UsageError(BroadsheetError):
    exit_code = 2


class SettingError(UsageError):
    pass


class NotFound(UsageError):
    exit_code = 1


class NotHad(UsageError):
    """`each` says of each of them which it is, and why."""

    def __init__(self, subject: str, cause: str, remedy: str = "", *, each: Sequence[str]) -> None:
        super().__init__(subject, cause, remedy)
        self.each = tuple(each)


class NotYours(UsageError):
    pass


class Overtaken(UsageError):
    """What was to be changed was changed meanwhile from elsewhere, and is as it was then."""


class TooManyTries(UsageError):
    pass


class SignInNeeded(BroadsheetError):
    pass


class BadToken(SignInNeeded):
    def __init__(self) -> None:
        super().__init__("token", "is unknown, revoked or too old", "make another one on /settings")


class Forbidden(BroadsheetError):
    pass


class StaleForm(Forbidden):
    def __init__(self) -> None:
        super().__init__("form", "comes from a page that is too old or from another site", "open the page again")


class NotBelieved(BroadsheetError):
    def __init__(self, cause: str) -> None:
        super().__init__("sign-in", cause, "try again, or sign in otherwise")


class NotLetIn(BroadsheetError):
    pass


class SourceError(BroadsheetError):
    """`permanent` is False where asking again later can help."""

    def __init__(self, subject: str, cause: str, remedy: str = "", *, permanent: bool = False) -> None:
        super().__init__(subject, cause, remedy)
        self.permanent = permanent


class FetchError(SourceError):
    """`status` is the HTTP status, or None where there was no answer at all; `headers` are the answer's, in lower case;
    `told` is what the source said about it.

    `until` is when the source wants to be asked again, where it said so and it is too long to wait for.
    """

    def __init__(
        self,
        subject: str,
        cause: str,
        remedy: str = "",
        *,
        permanent: bool = False,
        status: int | None = None,
        until: datetime | None = None,
        told: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(subject, cause, remedy, permanent=permanent)
        self.status, self.until, self.told, self.headers = status, until, told, headers or {}


class FormatError(SourceError):
    pass


class StoreError(BroadsheetError):
    pass


class StoreBusy(StoreError):
    pass


class StoreAway(StoreError):
    pass


class StoreDamaged(StoreError):
    pass


class SearchIndexError(BroadsheetError):
    pass


class NoRoom(SearchIndexError):
    pass


class NotReadable(SearchIndexError):
    pass


class DeliveryError(BroadsheetError):
    pass


class MailError(BroadsheetError):
    """`permanent` is False where asking again later can help."""

    def __init__(self, subject: str, cause: str, remedy: str = "", *, permanent: bool = False) -> None:
        super().__init__(subject, cause, remedy)
        self.permanent = permanent


class NotUnderstood(BroadsheetError):
    """`cause` is why, one of few."""

    def __init__(self, cause: str) -> None:
        super().__init__("message", cause)


class MissingExtra(BroadsheetError):
    pass


class Interrupted(BroadsheetError):
    exit_code = 130
