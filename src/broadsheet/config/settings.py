"""Every setting: a field is one, and beside its type stands the sentence that the docs print."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct, field

from broadsheet.config import forms

DAYS, SECONDS = 36_500, 86_400
"""The most that settings of time may be: beyond, neither calendar nor clock of a machine can count on."""


def _said(
    help: str,
    *,
    secret: bool = False,
    least: float | None = None,
    most: float | None = None,
    form: forms.Form | None = None,
) -> Meta:
    return Meta(description=help, ge=least, le=most, extra={"secret": secret, "form": form})


class ArxivSettings(Struct, frozen=True):
    feed_url: Annotated[str, _said("Base address of arXiv's daily feeds.", form=forms.WEB)] = "https://rss.arxiv.org"
    oai_url: Annotated[str, _said("Address of arXiv's OAI-PMH service.", form=forms.WEB)] = (
        "https://oaipmh.arxiv.org/oai"
    )
    api_url: Annotated[str, _said("Address of arXiv's query API.", form=forms.WEB)] = (
        "https://export.arxiv.org/api/query"
    )
    min_interval: Annotated[
        float,
        _said(
            "Seconds between two requests to arXiv, over all its addresses; arXiv's terms ask for 3.",
            least=0.0,
            most=SECONDS,
        ),
    ] = 3.0
    categories: Annotated[tuple[str, ...], _said("Categories or archives to harvest, such as `cs.CL` or `math`.")] = (
        "cs.AI",
        "cs.CL",
        "cs.CV",
        "cs.LG",
    )
    backfill_days: Annotated[int, _said("How many days the first harvest reaches back.", least=0, most=DAYS)] = 7
    enabled: Annotated[bool, _said("Whether arXiv's feeds and its OAI-PMH service are harvested.")] = True


class HuggingfaceSettings(Struct, frozen=True):
    url: Annotated[str, _said("Base address of the Hugging Face hub.", form=forms.WEB)] = "https://huggingface.co"
    min_interval: Annotated[float, _said("Seconds between two requests to Hugging Face.", least=0.0, most=SECONDS)] = (
        0.5
    )
    backfill_days: Annotated[
        int, _said("How many days of daily papers the first harvest reaches back.", least=0, most=DAYS)
    ] = 7
    enabled: Annotated[bool, _said("Whether Hugging Face's daily papers are harvested.")] = True
    recount_days: Annotated[
        int, _said("Days for which votes on a featured paper are counted again, ever less often.", least=0, most=DAYS)
    ] = 30


class GithubSettings(Struct, frozen=True):
    enabled: Annotated[
        bool, _said("Whether stars are counted; GitHub then learns which repositories your papers name.")
    ] = False
    url: Annotated[str, _said("Base address of GitHub's REST API.", form=forms.WEB)] = "https://api.github.com"
    token: Annotated[str, _said("Token for GitHub, if you have one; it needs no permission.", secret=True)] = ""
    min_interval: Annotated[float, _said("Seconds between two requests to GitHub.", least=0.0, most=SECONDS)] = 1.0
    budget: Annotated[
        int, _said("The most requests of a run; half of GitHub's hourly limit is left over anyway.", least=1)
    ] = 100
    every_days: Annotated[
        float, _said("Days between two looks at a new paper; pauses grow with its age.", least=0.1, most=DAYS)
    ] = 1.0
    drop_days: Annotated[
        int, _said("Days after a paper was news when it is not looked at any more.", least=1, most=DAYS)
    ] = 365


class SemanticscholarSettings(Struct, frozen=True):
    enabled: Annotated[
        bool, _said("Whether Semantic Scholar's citations are counted; it then learns the ids of your papers.")
    ] = False
    url: Annotated[str, _said("Base address of Semantic Scholar's API.", form=forms.WEB)] = (
        "https://api.semanticscholar.org"
    )
    key: Annotated[str, _said("Key for Semantic Scholar, if you have one.", secret=True)] = ""
    min_interval: Annotated[
        float, _said("Seconds between two requests to Semantic Scholar; it asks for 1.", least=0.0, most=SECONDS)
    ] = 1.0
    budget: Annotated[int, _said("The most requests of a run, each for up to 500 papers.", least=1)] = 10
    every_days: Annotated[
        float, _said("Days to the first look at a paper and between two; they grow with its age.", least=0.1, most=DAYS)
    ] = 7.0
    drop_days: Annotated[
        int, _said("Days after a paper was news when it is not looked at any more.", least=1, most=DAYS)
    ] = 730


class OpenalexSettings(Struct, frozen=True):
    enabled: Annotated[
        bool, _said("Whether OpenAlex's citations are counted; it then learns the DOIs of your papers.")
    ] = False
    url: Annotated[str, _said("Base address of OpenAlex's API.", form=forms.WEB)] = "https://api.openalex.org"
    key: Annotated[
        str, _said("Key for OpenAlex, if you have one; without it a day's allowance is small.", secret=True)
    ] = ""
    min_interval: Annotated[float, _said("Seconds between two requests to OpenAlex.", least=0.0, most=SECONDS)] = 1.0
    budget: Annotated[int, _said("The most requests of a run, each for about 50 papers.", least=1)] = 10
    every_days: Annotated[
        float, _said("Days to the first look at a paper and between two; they grow with its age.", least=0.1, most=DAYS)
    ] = 7.0
    drop_days: Annotated[
        int, _said("Days after a paper was news when it is not looked at any more.", least=1, most=DAYS)
    ] = 730


class NetSettings(Struct, frozen=True):
    contact: Annotated[
        str, _said("Mail address or web page that our User-Agent names, so that a source can reach you.")
    ] = ""
    timeout: Annotated[float, _said("Seconds to wait for an answer.", least=0.1, most=SECONDS)] = 30.0
    retries: Annotated[int, _said("How often a failed request is tried again.", least=0)] = 4
    max_wait: Annotated[
        float, _said("The longest wait in seconds that a source's Retry-After is granted.", least=0.0, most=SECONDS)
    ] = 120.0
    max_bytes: Annotated[int, _said("The largest answer in bytes that is read.", least=1024)] = 64_000_000


class SearchSettings(Struct, frozen=True):
    semantic_weight: Annotated[
        float,
        _said(
            "Share of meaning in a hybrid score; the rest is words. 0 is words only, 1 meaning only.",
            least=0.0,
            most=1.0,
        ),
    ] = 0.5


class RecommendSettings(Struct, frozen=True):
    days: Annotated[
        int, _said("How many days back a list of recommendations looks for papers not shown yet.", least=1, most=DAYS)
    ] = 7
    most: Annotated[int, _said("The most papers of one list.", least=1)] = 20
    least: Annotated[
        float,
        _said(
            "The least probability of a listed paper, from 0 to 1; at 0, twice that of a paper of no interest.",
            least=0.0,
            most=1.0,
        ),
    ] = 0.0
    diversity: Annotated[
        float,
        _said("How different the papers of a list shall be: 0 is by probability alone, up to 1.", least=0.0, most=1.0),
    ] = 0.3
    explore: Annotated[
        float,
        _said(
            "Share of a list that is drawn from what its interests would not choose, so that they go on learning.",
            least=0.0,
            most=1.0,
        ),
    ] = 0.1
    fellows: Annotated[
        int,
        _said(
            "How many readers who voted for papers that you like must vote for another before it moves up your list; "
            "0 leaves the votes of others out of it.",
            least=0,
        ),
    ] = 2


class TrendingSettings(Struct, frozen=True):
    half_life: Annotated[
        float,
        _said("Age at which attention counts for half, as a share of the window: a day, week or month.", least=0.01),
    ] = 0.4
    votes: Annotated[float, _said("Weight of votes at other places.", least=0.0)] = 1.0
    comments: Annotated[float, _said("Weight of comments.", least=0.0)] = 0.2
    stars: Annotated[float, _said("Weight of stars of a paper's code.", least=0.0)] = 0.3
    citations: Annotated[float, _said("Weight of citations.", least=0.0)] = 0.3
    readers: Annotated[float, _said("Weight of votes of this library's readers.", least=0.0)] = 0.7
    text: Annotated[float, _said("Weight of what text, code and authors let expect, before any vote.", least=0.0)] = 0.5
    fairness: Annotated[
        float,
        _said("How much of the advantage of crowded fields is taken off: 0 none, 1 all of it.", least=0.0, most=1.0),
    ] = 0.5
    cap: Annotated[
        float, _said("The most that one place can add to a score; 3 is twenty times the usual.", least=0.0)
    ] = 3.0
    history_days: Annotated[int, _said("Days of counts that forecasts learn from.", least=0, most=DAYS)] = 365


class ServeSettings(Struct, frozen=True):
    host: Annotated[str, _said("Address that the web page is served on.")] = "127.0.0.1"
    port: Annotated[int, _said("Port that the web page is served on.", least=0, most=65_535)] = 8000


class FeedsSettings(Struct, frozen=True):
    hub: Annotated[
        str,
        _said("Address of a WebSub hub, which feeds then name and which is told of each new edition.", form=forms.WEB),
    ] = ""


class AccessSettings(Struct, frozen=True):
    anonymous: Annotated[bool, _said("Whether pages can be read without signing in.")] = True
    sign_up: Annotated[bool, _said("Whether anybody can sign up for digests by mail, at `/subscribe`.")] = False
    session_days: Annotated[
        int, _said("Days after which a browser that was not used is signed out.", least=1, most=DAYS)
    ] = 30
    proxy_header: Annotated[
        str, _said("Header in which a reverse proxy names the reader, such as `X-Remote-User`.", form=forms.HEADER)
    ] = ""
    proxy_from: Annotated[
        tuple[str, ...], _said("Addresses and networks of the proxies whose header is believed.", form=forms.NETWORK)
    ] = (
        "127.0.0.1",
        "::1",
    )
    proxy_creates: Annotated[bool, _said("Whether a new name in that header becomes a reader.")] = False


class CommentsSettings(Struct, frozen=True):
    enabled: Annotated[bool, _said("Whether readers can comment on papers, and see what others said.")] = True
    public: Annotated[bool, _said("Whether comments can be read without signing in.")] = False
    per_hour: Annotated[int, _said("The most comments of one reader in an hour.", least=1)] = 30


class OidcSettings(Struct, frozen=True):
    issuer: Annotated[
        str,
        _said("Address of the OpenID provider that readers sign in with, as its tokens name it.", form=forms.ISSUER),
    ] = ""
    client_id: Annotated[str, _said("What the provider calls this instance.")] = ""
    client_secret: Annotated[
        str, _said("Secret that the provider gave for it; empty for a public client.", secret=True)
    ] = ""
    name: Annotated[str, _said("What the button calls the provider: *Sign in with …*.")] = "your organization"
    domains: Annotated[
        tuple[str, ...], _said("Domains of mail addresses, confirmed by the provider, that are let in; all if empty.")
    ] = ()
    creates: Annotated[bool, _said("Whether somebody who is new becomes a reader.")] = False
    min_interval: float = 0.0  # no setting: people wait for it


class SmtpSettings(Struct, frozen=True):
    url: Annotated[
        str, _said("Mail server for digests, as `smtp://user:password@host:port`.", secret=True, form=forms.MAIL_SERVER)
    ] = ""
    sender: Annotated[
        str, _said("Address that mails come from, such as `papers@example.org`.", form=forms.MAIL_ADDRESS)
    ] = ""
    sender_name: Annotated[str, _said("Name that mails come from.")] = "Broadsheet"
    returns: Annotated[
        str,
        _said(
            "Address that mails which cannot be delivered come back to, by default `smtp.sender`.",
            form=forms.MAIL_ADDRESS,
        ),
    ] = ""
    tls: Annotated[
        str,
        _said(
            "Encryption of the way to the mail server: `required`, `optional` or `off`.",
            form=forms.one_of("required", "optional", "off"),
        ),
    ] = "required"
    timeout: Annotated[float, _said("Seconds to wait for the mail server's answer.", least=0.1, most=SECONDS)] = 30.0
    per_minute: Annotated[int, _said("Mails a minute that the server may get; 0 is as many as it takes.", least=0)] = 0
    connections: Annotated[
        int, _said("Connections to the mail server at the same time, where many mails wait.", least=1)
    ] = 2
    after_crash: Annotated[
        str,
        _said(
            "What becomes of a mail when nobody can tell whether the server took it: `uncertain` leaves it, `again` "
            "sends it, perhaps a second time.",
            form=forms.one_of("uncertain", "again"),
        ),
    ] = "uncertain"
    dkim_key: Annotated[str, _said("File with the RSA key (PEM) that signs mails; empty where the server signs.")] = ""
    dkim_domain: Annotated[str, _said("Domain of the signature, by default that of `smtp.sender`.")] = ""
    dkim_selector: Annotated[str, _said("Name of the signature's public key in the DNS.")] = "broadsheet"


class ZoteroSettings(Struct, frozen=True):
    url: Annotated[str, _said("Base address of Zotero's Web API.", form=forms.WEB)] = "https://api.zotero.org"
    key: Annotated[
        str, _said("Key for Zotero libraries; it must be allowed to write for `zotero push`.", secret=True)
    ] = ""
    min_interval: Annotated[float, _said("Seconds between two requests to Zotero.", least=0.0, most=SECONDS)] = 0.5


class OutletsSettings(Struct, frozen=True):
    enabled: Annotated[bool, _said("Whether readers may have their digests sent to webhooks and other services.")] = (
        True
    )
    private: Annotated[
        bool,
        _said(
            "Whether webhooks and services may be in a private network, or on this machine; for readers that you trust."
        ),
    ] = False
    services: Annotated[
        tuple[str, ...],
        _said(
            "Services that readers may send to through Apprise, by the beginning of their addresses.",
            form=forms.SERVICE,
        ),
    ] = (
        "slack",
        "discord",
        "matrix",
        "matrixs",
        "tgram",
        "ntfy",
        "ntfys",
        "mmosts",
        "rockets",
        "zulip",
        "workflows",
        "signal",
        "signals",
        "gotifys",
        "pover",
        "wxteams",
    )
    timeout: Annotated[float, _said("Seconds to wait for the answer of a webhook.", least=0.1, most=SECONDS)] = 10.0


class Settings(Struct, frozen=True):
    """Every setting, typed. `origins` maps a setting's path to where its value came from."""

    home: Path
    database: Annotated[
        str,
        _said(
            "Database as a SQLAlchemy URL; empty is `library.db` in the home.",
            secret=True,
            form=forms.DATABASE,
        ),
    ] = ""
    encoder: Annotated[str, _said("Model that finds by meaning: `auto`, `wordllama`, `minilm`, a name or `none`.")] = (
        "auto"
    )
    base_url: Annotated[
        str, _said("Public address of this instance, for links in feeds and mails.", form=forms.PUBLIC)
    ] = ""
    timezone: Annotated[
        str, _said("Zone for days and times, such as `Europe/Berlin`; empty is the system's.", form=forms.ZONE)
    ] = ""
    language: Annotated[
        str,
        _said(
            "Language of pages where neither reader nor browser names one: `en` or `de`.", form=forms.one_of("en", "de")
        ),
    ] = "en"
    arxiv: ArxivSettings = field(default_factory=ArxivSettings)
    huggingface: HuggingfaceSettings = field(default_factory=HuggingfaceSettings)
    github: GithubSettings = field(default_factory=GithubSettings)
    semanticscholar: SemanticscholarSettings = field(default_factory=SemanticscholarSettings)
    openalex: OpenalexSettings = field(default_factory=OpenalexSettings)
    net: NetSettings = field(default_factory=NetSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    recommend: RecommendSettings = field(default_factory=RecommendSettings)
    trending: TrendingSettings = field(default_factory=TrendingSettings)
    serve: ServeSettings = field(default_factory=ServeSettings)
    feeds: FeedsSettings = field(default_factory=FeedsSettings)
    access: AccessSettings = field(default_factory=AccessSettings)
    comments: CommentsSettings = field(default_factory=CommentsSettings)
    oidc: OidcSettings = field(default_factory=OidcSettings)
    smtp: SmtpSettings = field(default_factory=SmtpSettings)
    zotero: ZoteroSettings = field(default_factory=ZoteroSettings)
    outlets: OutletsSettings = field(default_factory=OutletsSettings)
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the store."""
        return self.database or f"sqlite:///{self.home / 'library.db'}"
