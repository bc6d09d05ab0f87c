"""What is wrong with a library, in sentences that say what to do: by what `status` found, and beside it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from broadsheet.errors import BroadsheetError
from broadsheet.library.handle import Library
from broadsheet.words.said import said

if TYPE_CHECKING:
    from broadsheet.search.integrity import Found

LATE = timedelta(minutes=15)
"""A server makes a digest within seconds; timers, as the guide for operators has them, every five."""


def of_sources(sources: list[dict[str, Any]]) -> list[str]:
    """Sources whose last run was cut short, or gave less than there was."""
    return [
        said("%(subject)s: interrupted: %(cause)s", subject=s["source"], cause=s["error"] or s["note"])
        if s["state"] == "interrupted"
        else said("%(subject)s: %(cause)s", subject=s["source"], cause=s["error"] or s["note"] or s["state"])
        for s in sources
        if s["state"] == "interrupted" or (s["state"] in ("failed", "partial") and s["source"] != "import")
    ]


def of_mail(lib: Library, mail: dict[str, Any]) -> list[str]:
    """Mails that cannot go, were left behind or are in doubt, and addresses that refuse."""
    from broadsheet.library.mails.post import is_set_up

    found, readers = list[str](), mail["readers"]
    if (readers["on"] or readers["unconfirmed"] or mail["queued"]) and not is_set_up(lib):
        found.append(said("mail: digests are on, and there is no mail server to send by; set smtp.url and smtp.sender"))
    if readers["suspended"]:
        many = readers["suspended"]
        found.append(
            said("mail: %(many)s suspended, as their address refuses; `broadsheet digest list` says whose", many=many)
        )
    if mail["left_behind"]:
        told = said(
            "mail: the process that had %(many)s of the mails in hand has ended; `broadsheet digest send` goes on",
            many=mail["left_behind"],
        )
        found.append(told)
    if mail["uncertain"]:
        found.append(said("mail: of %(many)s nobody can tell whether the server took it", many=mail["uncertain"]))
    return found


def of_digests(lib: Library) -> list[str]:
    """Digests that should have been made long ago."""
    from broadsheet.library.digests.deliver import waiting
    from broadsheet.library.mails.post import is_set_up

    late = [one for one in waiting(lib) if lib.now() - one.due.at > LATE] if is_set_up(lib) else []
    if not late:
        return []
    since = f"{min(one.due.at for one in late):%Y-%m-%d %H:%M} UTC"
    return [
        said(
            "digests: %(many)s due since %(since)s, and not made; `broadsheet digest send` makes them, or says why not",
            many=len(late),
            since=since,
        )
    ]


def of_outlets(elsewhere: dict[str, Any]) -> list[str]:
    """Outlets that refuse."""
    many = elsewhere["suspended"]
    told = said("outlets: %(many)s suspended, as they refuse; `broadsheet outlet list` says whose", many=many)
    return [told] if many else []


def of_hub(lib: Library) -> list[str]:
    """A hub that did not take the news."""
    from broadsheet.library.websub import trouble

    told = trouble(lib)
    return [told] if told else []


def of_indexes(
    lib: Library, indexes: list[dict[str, Any]], papers: int, of_files: "list[Found]", *, writing: bool
) -> list[str]:
    """Damaged indexes, and unreadable ones, unless a look at their files told more of them; those that are behind,
    unless someone is at it: each pull ends level.
    """
    found, told = list[str](), {one.index for one in of_files}
    if papers and not writing and not any(i["name"] == "words" for i in indexes):
        found.append(said("index words: missing; `broadsheet reindex` builds it"))
    for i in indexes:
        if i["state"] in ("damaged", "unreadable") and i["name"] in told:
            continue
        unused = i["name"].startswith("meaning") and lib.settings.encoder == "none"
        if i["state"] == "damaged":
            found.append(said("index %(name)s: damaged; `broadsheet reindex` builds it anew", name=i["name"]))
        elif i["state"] == "unreadable":
            found.append(
                said("index %(name)s: not readable; let the user that runs Broadsheet read its files", name=i["name"])
            )
        elif i["behind"] and not writing and not unused:
            name, many = i["name"], i["behind"]
            found.append(
                said("index %(name)s: %(many)s changes behind; `broadsheet pull` brings it up", name=name, many=many)
            )
    return found


def of_signing_key(lib: Library) -> list[str]:
    """A key that signs no mails. Commands of somebody who may not read it run all the same."""
    from broadsheet.library.mails.post import signing_key

    try:
        signing_key(lib)
    except BroadsheetError as e:
        return [str(e)]
    return []


def of_services(lib: Library) -> list[str]:
    """Services that readers may send to, and cannot: only Apprise knows which there are, and takes a second to say."""
    from broadsheet.digest import services

    rules = lib.settings.outlets
    return [
        said("setting outlets.services: %(name)s is no service of Apprise; its wiki lists them", name=repr(name))
        for name in (services.unknown(rules.services) if rules.enabled else ())
    ]
