"""The nouns of Broadsheet as frozen records; the name of a record tells its stage.

`Record` (as harvested) -> `Intent` (to be stored) -> `Paper` (stored) -> `Hit` (found).

Ids are written `scheme:value` in one canonical spelling (`broadsheet.text.canonical_id` makes it):
`arxiv:2405.15738`, `arxiv:math/0309136`, `doi:10.1145/3366423.3380186` (lower case),
`openreview:…`, `acl:2022.acl-long.572`, `pubmed:…`, `s2:…` (Semantic Scholar sha) and `corpusid:…`.
`local:…` is the key of a work for which no source gave an id.
All datetimes carry a zone and are stored in UTC.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Final, Literal, get_args

from msgspec import Struct, field

LinkKind = Literal[
    "abstract", "pdf", "html", "code", "project", "data", "model", "demo", "discussion", "media", "other"
]
AnnouncementKind = Literal["new", "cross", "replace", "replace-cross", "featured", "listed", "relisted"]
Action = Literal["new", "changed", "same", "merged"]
Role = Literal["reader", "editor", "admin"]
MarkKind = Literal["up", "down", "save", "read", "hide", "note"]
Cadence = Literal["daily", "weekly", "news"]
Sharing = Literal["private", "link", "lab"]
SearchMode = Literal["hybrid", "keyword", "semantic"]
SearchSort = Literal["relevance", "new", "votes"]
SignInWay = Literal["owner", "link", "password", "invite", "passkey", "oidc"]
Theme = Literal["system", "light", "dark"]
View = Literal["cards", "compact", "titles"]
Sort = Literal["trending", "votes", "new", "mine"]

SEARCH_MODES: Final[tuple[SearchMode, ...]] = get_args(SearchMode)
SEARCH_SORTS: Final[tuple[SearchSort, ...]] = get_args(SearchSort)
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)

Progress = Callable[[str, int, int | None], None]
"""Called with the name of a stage, how much is done, and of how much (None: unknown)."""

OURS: Final = "broadsheet"
"""The source of signals that this library's own readers give."""


class Author(Struct, frozen=True, omit_defaults=True):
    """A name as the source wrote it (TeX kept), in reading order: given names first."""

    name: str
    affiliation: str | None = None
    orcid: str | None = None


class Link(Struct, frozen=True, array_like=True):
    """A page about the paper."""

    kind: LinkKind
    url: str


class Version(Struct, frozen=True, array_like=True):
    """v1, v2 … of a paper; the date is when the version was submitted, where known."""

    number: int
    date: datetime | None = None


class Announcement(Struct, frozen=True, array_like=True):
    """A source listed the paper on a day: a fact of its own, not the paper's date.

    `kind` is arXiv's announce type, `featured` (a curated daily list) or `listed` / `relisted` (a file said so).
    `by`: who put it there; `at`: the moment, where the source says more than the day.
    """

    source: str
    day: date
    kind: AnnouncementKind
    by: str | None = None
    at: datetime | None = None


class Signal(Struct, frozen=True, array_like=True):
    """A count about a paper at a time, from somewhere. `kind`: upvotes, comments, github_stars, …"""

    source: str
    kind: str
    at: datetime
    value: int


class Enrichment(Struct, frozen=True, array_like=True):
    """What a service says of a paper in its own words (summary, keywords, organisation); never ours."""

    source: str
    kind: str
    value: str


class Work(Struct, frozen=True, kw_only=True):
    """What is known of a work. TeX in `title`, `abstract` and names is kept as the source wrote it."""

    title: str
    abstract: str = ""
    authors: tuple[Author, ...] = ()
    categories: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    versions: tuple[Version, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    venue: str | None = None
    licence: str | None = None
    comment: str | None = None
    links: tuple[Link, ...] = ()
    enrichments: tuple[Enrichment, ...] = ()
    withdrawn: bool = False


class Record(Work, frozen=True, kw_only=True):
    """What one source said about one work, at one time, unmerged.

    `ids` are canonical; the first is the one that the source itself uses. It is empty where the source gave none.
    """

    source: str
    seen: datetime
    ids: tuple[str, ...] = ()
    signals: tuple[Signal, ...] = ()


class Paper(Work, frozen=True, kw_only=True):
    """The one stored work. `aliases` are all its ids, `key` among them; `sources` all who spoke of it."""

    key: str
    aliases: tuple[str, ...]
    sources: tuple[str, ...] = ()
    added: datetime


class Outline(Struct, frozen=True, kw_only=True):
    """A paper without its texts, people and ids: what lists rank it by, count it by and say when it came."""

    key: str
    categories: tuple[str, ...] = ()
    published: datetime | None = None
    announcements: tuple[Announcement, ...] = ()
    links: tuple[Link, ...] = ()
    added: datetime


class Earlier(Struct, frozen=True):
    """What a part of a paper said until a source replaced it: `version` is its number then, 0 where unknown.

    Title and abstract are empty where the next version says the same.
    """

    part: str
    version: int
    until: datetime
    title: str
    abstract: str


class Known(Struct, frozen=True):
    """A stored paper and its parts.

    A part is what sources said under one id of theirs; a paper of one part is its own part. Parts are
    what `split` takes apart again.
    """

    paper: Paper
    parts: tuple[Paper, ...]

    def part_of(self, id: str) -> Paper | None:
        """The part that has this id."""
        return next((part for part in self.parts if id in part.aliases), None)


class Intent(Struct, frozen=True):
    """What identity decided about one record; `paper` and `parts` are what shall be stored.

    `absorbs` names the keys of other stored papers that become parts of this one.
    """

    action: Action
    paper: Paper
    parts: tuple[Paper, ...]
    reason: str
    absorbs: tuple[str, ...] = ()
    signals: tuple[Signal, ...] = ()


class Drop(Struct, frozen=True):
    """A thing that a source gave and we could not take: where it stood, and why. `ends`: nothing more could be read."""

    source: str
    at: str
    reason: str
    ends: bool = False


class Batch(Struct, frozen=True):
    """A page of a harvest. Storing `records` and `cursor` is one transaction, so a harvest goes on after a crash.

    `announced`: how many works the source said the page (or the whole harvest) has, where it said so.
    `note`: why there is nothing, or what a person should know ("holiday: …", "unchanged since …").
    """

    records: tuple[Record, ...] = ()
    drops: tuple[Drop, ...] = ()
    cursor: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = None
    note: str | None = None
    state: Literal["ok", "unchanged", "holiday", "empty"] = "ok"


class Change(Struct, frozen=True):
    """A row of the outbox: the paper with this store id was put or deleted. Sequence numbers only grow."""

    seq: int
    paper_id: int
    op: Literal["put", "delete"]


class Hit(Struct, frozen=True):
    """A paper found by a search. `why` says which words at which weight and how near in meaning."""

    paper: Paper
    score: float
    why: Mapping[str, object]
    snippet: str


class Reader(Struct, frozen=True):
    """A person. `name` is what commands and addresses call them; an empty `zone` is the library's own.

    `disabled`: since when they are not let in and get no mail; what is theirs stays.
    """

    id: int
    name: str
    display: str
    email: str | None
    zone: str
    role: Role
    created: datetime
    disabled: datetime | None = None


class Preferences(Struct, frozen=True):
    """How a reader likes the pages. `keys`: whether letters do something; an empty `language` is the browser's.
    `sort`: the order that editions open in.

    `saves`: whether other readers see which papers they save. `mentions`: whether a mail tells of comments for them.
    """

    theme: Theme = "system"
    view: View = "cards"
    keys: bool = True
    language: str = ""
    saves: bool = False
    mentions: bool = False
    sort: Sort = "trending"


class Visit(Struct, frozen=True):
    """When a reader was here: the end of the visit `before` this one (None: it is the first), and the latest moment."""

    before: datetime | None
    latest: datetime


class Mark(Struct, frozen=True):
    """What a reader said of a paper, from `at` until `ended` (None: it holds); `text` is that of a note.

    `interest_id`: the interest under which the paper was shown, or that the reader named.
    """

    paper_id: int
    kind: MarkKind
    at: datetime
    ended: datetime | None = None
    interest_id: int | None = None
    text: str | None = None


class Comment(Struct, frozen=True, kw_only=True):
    """What a reader says of a paper to the others. `id` is the same in any library; `parent`: the one it answers.

    `reader_id` is None where the reader is no more. `removed`: taken back by its author, and there only because it was
    answered; its text is gone. `hidden`: since when an editor has kept it from others.
    """

    id: str
    paper_id: int
    reader_id: int | None
    at: datetime
    text: str
    parent: str | None = None
    edited: datetime | None = None
    removed: datetime | None = None
    hidden: datetime | None = None


class Profile(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a reader says that an interest is about, and how its list is made; what marks teach is learnt beside it.

    `seeds`: keys of papers. `about`: a few words each. `include`, `exclude`: keywords that are obeyed. `authors`:
    those who are followed. `terms`: weights that the reader gave to single terms. `most`: papers of one list; `least`:
    the probability below which none is listed; None leaves both to the settings. `since`: older marks teach nothing.
    """

    seeds: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    terms: tuple[tuple[str, float], ...] = ()
    most: int | None = None
    least: float | None = None
    since: datetime | None = None


class Interest(Struct, frozen=True):
    """A named profile of a reader. `share`: its part of a list beside the others'; `position`: its place among them."""

    id: int
    reader_id: int
    name: str
    position: int
    share: float
    profile: Profile
    created: datetime
    edited: datetime


class Shown(Struct, frozen=True):
    """A paper that was shown to a reader as new: in which list (such as a day), where, when, and for which reasons.

    `explored`: it was there to widen the circle, not for its score.
    """

    paper_id: int
    list: str
    channel: str
    at: datetime
    rank: int
    score: float
    interest_id: int | None = None
    explored: bool = False
    why: tuple[str, ...] = ()


class Collection(Struct, frozen=True):
    """A named list of a reader's papers; in the one that is `saved` are those that they marked so.

    `sharing`: only they see it, or whoever has its `link`, or every reader of this library (`lab`). `secret` stands in
    that link and in the addresses of its feeds; without one there are none. `edited`: when name or note were changed.
    """

    id: int
    reader_id: int
    name: str
    note: str
    saved: bool
    sharing: Sharing
    secret: str | None
    created: datetime
    edited: datetime

    @property
    def ref(self) -> str:
        """What its reader's addresses call it."""
        return "saved" if self.saved else str(self.id)


class Collected(Struct, frozen=True):
    """A paper in a collection, at its `place` since `at`; `added`: when it came into it."""

    paper_id: int
    added: datetime
    at: datetime
    place: float


class SavedSearch(Struct, frozen=True):
    """A query that a reader keeps. `seen`: the last store id when they `looked`; later papers are new to them.

    `muted`: its hits are neither counted as new nor mailed. `secret` stands in the addresses of its feeds.
    """

    id: int
    reader_id: int
    name: str
    query: str
    mode: SearchMode
    muted: bool
    seen: int
    looked: datetime
    secret: str | None
    created: datetime


class About(Struct, frozen=True):
    """A paper as a mark names it in any library: the paper's key, the part's that was marked, the interest's name."""

    key: str
    part: str
    interest: str | None = None


class Session(Struct, frozen=True):
    """A reader who is signed in at one browser. `id` is the hash of the secret that only this browser has.

    `csrf` goes into every form of its pages. `way`: how the reader signed in. `agent`: what the browser calls itself.
    """

    id: str
    reader_id: int
    csrf: str
    way: SignInWay
    agent: str
    created: datetime
    seen: datetime
    expires: datetime


class Ticket(Struct, frozen=True):
    """A link that can be used once. `id` is the hash of the secret in it.

    `owner` and `signin` sign `reader_id` in, and lead on to the page that is `said`. `invite` lets somebody become a
    reader of this `role`. `email` confirms that `reader_id` can read mail at `email`: where there is none yet, `said`
    is what they signed up with, as JSON; where it is to be the address that signs them in, it is "account".
    """

    id: str
    kind: Literal["owner", "signin", "invite", "email"]
    reader_id: int | None
    email: str | None
    role: Role | None
    created: datetime
    expires: datetime
    said: str | None = None


class ApiToken(Struct, frozen=True):
    """What a program shows instead of a session. `id` is the hash of it. `scope`: it may read, or write as well."""

    id: str
    reader_id: int
    name: str
    scope: Literal["read", "write"]
    created: datetime
    used: datetime | None = None
    expires: datetime | None = None


class Passkey(Struct, frozen=True):
    """A key that a reader's device or password manager holds, and that signs them in without a name.

    `id` is the credential's, and `handle` what the device calls the reader by, both in base64url. `host` is the name
    that the key was made for: browsers offer it nowhere else. `sign_count` is how often the device says that it was
    used, 0 where it does not count; `transports` are the ways to it.
    """

    id: str
    reader_id: int
    handle: str
    host: str
    name: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    created: datetime
    used: datetime | None = None


class Login(Struct, frozen=True):
    """An account at a provider that signs a reader in: `subject` is its name there, `label` what people know it by."""

    issuer: str
    subject: str
    reader_id: int
    label: str
    created: datetime
    used: datetime | None = None


class Handshake(Struct, frozen=True):
    """Something that we sent out with a browser and of which one answer is believed, once and soon.

    `id` is the hash of the secret that the answer brings back, `bound` that of the one that the browser keeps.
    `reader_id`: who adds a way to sign in by it; None where somebody signs in. `content` is JSON of its kind.
    """

    id: str
    kind: Literal["passkey", "oidc"]
    bound: str
    reader_id: int | None
    content: str
    created: datetime
    expires: datetime


class Mail(Struct, frozen=True):
    """A mail in the queue. `key` names the reason for it: two of one reason are one mail.

    `queued` waits for `due`; `handing` is with a server right now; `sent`, `failed` and `uncertain` are ends. Of an
    uncertain one nobody can tell whether the server took it.
    """

    key: str
    recipient: str
    subject: str
    message_id: str
    created: datetime
    due: datetime
    list_id: str = ""
    unsubscribe: str = ""
    id: int = 0
    state: Literal["queued", "handing", "sent", "uncertain", "failed"] = "queued"
    tries: int = 0
    said: str = ""
    ended: datetime | None = None
    text: str = ""
    html: str = ""


class Delivery(Struct, frozen=True):
    """How a reader wants their digest: where, when and what.

    `cadence`: each day, each week on `weekday` (0 is Monday), or on each day that has something (`news`). `at` is in
    the reader's zone. Nothing goes to an address before it is `confirmed`, or while it is `suspended` after `failures`
    in a row, of which `said` is the last. `since`: digests that were due earlier are not made up for.
    """

    reader_id: int
    on: bool
    email: str
    confirmed: datetime | None
    cadence: Cadence
    weekday: int
    at: time
    sections: tuple[str, ...]
    most: int
    since: datetime
    failures: int = 0
    suspended: datetime | None = None
    said: str = ""

    @property
    def gets_mail(self) -> bool:
        """Whether digests are mailed; they may go to outlets only."""
        return self.on and self.confirmed is not None and self.suspended is None


class Digest(Struct, frozen=True):
    """What a reader got for an edition, frozen: `content` is JSON. `secret` is the hash of the one in its links.

    `day`: the reader's day that it was due on. `through`: the newest day of papers that it looked at. `empty` ones had
    nothing, which was not mailed; their content says why.
    """

    reader_id: int
    edition: str
    day: date
    through: date | None
    created: datetime
    state: Literal["mailed", "empty"]
    subject: str
    content: str
    secret: str


class Outlet(Struct, frozen=True):
    """Where a reader's digests go besides their mail: a webhook, or a service that Apprise reaches.

    `url` and `secret` are for the reader alone. `sections`: those that go there, empty for all. Nothing is sent while
    it is `suspended`, after so many `failures` in a row; `said` is the last answer, `reached` when one was taken.
    """

    id: int
    reader_id: int
    name: str
    kind: Literal["webhook", "service"]
    url: str
    secret: str
    sections: tuple[str, ...]
    created: datetime
    failures: int = 0
    suspended: datetime | None = None
    reached: datetime | None = None
    said: str = ""


class Personal(Struct, frozen=True):
    """A reader with what is theirs, or a piece of it; ids in it mean nothing outside of their own library.

    `collected`: the name of the collection, and what is in it. `passkeys` and `logins` are read and never written: a
    reader may know that there are some, and what lets somebody in stays where it is.
    """

    reader: Reader
    interests: tuple[Interest, ...] = ()
    marks: tuple[tuple[About, Mark], ...] = ()
    shown: tuple[tuple[About, Shown], ...] = ()
    preferences: Preferences | None = None
    delivery: Delivery | None = None
    digests: tuple[Digest, ...] = ()
    collections: tuple[Collection, ...] = ()
    collected: tuple[tuple[str, About, Collected], ...] = ()
    searches: tuple[SavedSearch, ...] = ()
    comments: tuple[tuple[About, Comment], ...] = ()
    outlets: tuple[Outlet, ...] = ()
    passkeys: tuple[Passkey, ...] = ()
    logins: tuple[Login, ...] = ()
    visit: Visit | None = None


class Dispatch(Struct, frozen=True):
    """Something that goes to an outlet; states as those of a mail. `key` names the reason: two of one are one."""

    id: int
    outlet_id: int
    key: str
    body: str
    created: datetime
    due: datetime
    state: Literal["queued", "handing", "sent", "uncertain", "failed"] = "queued"
    tries: int = 0
    said: str = ""
    ended: datetime | None = None
