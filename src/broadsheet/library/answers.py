"""The JSON that programs get, the same from every face: one function per answer, plain dicts of JSON values."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from broadsheet.codec import profile_to_dict, time_to_text
from broadsheet.text import plain
from broadsheet.types import Drop, Hit, Outlet, Paper, Reader, Signal

if TYPE_CHECKING:
    from broadsheet.digest.content import Content
    from broadsheet.library.comments.discussion import Spoken
    from broadsheet.library.digests.archive import Kept
    from broadsheet.library.digests.deliver import Delivered
    from broadsheet.library.digests.returned import Returns
    from broadsheet.library.digests.subscription import Subscription
    from broadsheet.library.editions.edition import Edition
    from broadsheet.library.editions.trending import Trend
    from broadsheet.library.harvest.import_ import ImportReport
    from broadsheet.library.harvest.pull import PullReport, RunReport
    from broadsheet.library.interest.profiles import InterestView
    from broadsheet.library.interest.recommendation import Recommendation, Recommended
    from broadsheet.library.mails.post import InHand
    from broadsheet.library.papers.show import PaperView
    from broadsheet.library.readers import ReaderView
    from broadsheet.library.shelf.collections import CollectionView, Filed
    from broadsheet.library.shelf.mark import Marked
    from broadsheet.library.shelf.saved import SearchView
    from broadsheet.library.shelf.undo import Undone
    from broadsheet.rank.order import Entry
    from broadsheet.search.result import SearchResult

Json = dict[str, Any]


def paper_fields(paper: Paper) -> Json:
    """Every field of a paper: readable title, abstract and names; `title_source` where the source has TeX in it."""
    title = plain(paper.title)
    fields: Json = {
        "key": paper.key,
        "title": title,
        "abstract": plain(paper.abstract),
        "authors": [{"name": plain(a.name), "affiliation": a.affiliation, "orcid": a.orcid} for a in paper.authors],
        "categories": list(paper.categories),
        "aliases": list(paper.aliases),
        "published": time_to_text(paper.published) if paper.published else None,
        "updated": time_to_text(paper.updated) if paper.updated else None,
        "versions": [{"number": v.number, "date": time_to_text(v.date) if v.date else None} for v in paper.versions],
        "announcements": [
            {
                "source": a.source,
                "day": a.day.isoformat(),
                "kind": a.kind,
                "by": a.by,
                "at": a.at and time_to_text(a.at),
            }
            for a in paper.announcements
        ],
        "venue": paper.venue,
        "licence": paper.licence,
        "comment": paper.comment,
        "links": [{"kind": link.kind, "url": link.url} for link in paper.links],
        "enrichments": [{"source": e.source, "kind": e.kind, "value": e.value} for e in paper.enrichments],
        "withdrawn": paper.withdrawn,
        "sources": list(paper.sources),
        "added": time_to_text(paper.added),
    }
    if title != paper.title:
        fields["title_source"] = paper.title
    return fields


def import_answer(report: "ImportReport") -> Json:
    """`import`: counts, readers and who of them was made an admin, what was dropped and why, seconds."""
    came = {"readers": report.readers, "admins": list(report.admins)}
    return {**_counts(report), **came, "seconds": round(report.seconds, 3)}


def pull_answer(report: "PullReport") -> Json:
    """`pull`: the sums, and one such object per source with its state."""
    runs = [run_answer(run) for run in report.runs]
    total = {name: sum(run[name] for run in runs) for name in ("new", "changed", "same", "merged", "dropped_total")}
    dropped = [drop for run in runs for drop in run["dropped"]]
    return {**total, "dropped": dropped, "seconds": round(report.seconds, 3), "runs": runs}


def run_answer(run: "RunReport") -> Json:
    """One harvest of one source."""
    return {
        "source": run.source,
        "state": run.state,
        **_counts(run),
        "drops": dict(Counter(drop.reason for drop in run.dropped)),
        "seconds": round(run.seconds, 3),
        "asked": [request.url for request in run.asked],
        "announced": run.announced,
        "polled": dict(run.polled) if run.polled else None,
        "note": run.error or run.note,
    }


def search_answer(result: "SearchResult") -> Json:
    """`search`: the hits of one page, with why each was found."""
    return {
        "query": result.query,
        "parsed": result.parsed,
        "mode": result.mode,
        "total": result.total,
        "hits": [hit_fields(hit) for hit in result.hits],
        "facets": {name: dict(counts) for name, counts in result.facets.items()},
        "next": result.next,
        "notes": list(result.notes),
        "suggestion": result.suggestion,
        "seconds": round(result.seconds, 4),
    }


def hit_fields(hit: Hit) -> Json:
    """A found paper."""
    return {**paper_fields(hit.paper), "score": round(hit.score, 6), "why": dict(hit.why), "snippet": hit.snippet}


def edition_answer(edition: "Edition") -> Json:
    """`edition`: the ranked list of a day, week or month."""
    return {
        "edition": edition.name,
        "sort": edition.sort,
        "total": edition.total,
        "papers": [entry_fields(entry) for entry in edition.entries],
        "state": edition.state,
        "note": edition.note,
        "facets": dict(edition.facets),
        "earlier": edition.earlier,
        "later": edition.later,
    }


def trend_answer(trend: "Trend") -> Json:
    """`trending`: what trends, or what is rising, over a window."""
    return {
        "window": trend.window,
        "field": trend.field,
        "rising": trend.rising,
        "total": trend.total,
        "papers": [entry_fields(entry) for entry in trend.entries],
        "note": trend.note,
    }


def entry_fields(entry: "Entry") -> Json:
    """A ranked paper; `parts` add up to the score where it is made of parts, `forecast` is there while it is young."""
    fields: Json = {
        "rank": entry.rank,
        **paper_fields(entry.paper),
        "votes": entry.votes,
        "score": entry.score,
        "why": entry.why,
        "parts": [{"name": p.name, "value": round(p.value, 6), "told": p.told} for p in entry.parts],
    }
    if entry.expected:
        fields["forecast"] = {name: round(v, 1) for name, v in asdict(entry.expected).items()}
    return fields


def show_answer(view: "PaperView") -> Json:
    """`show`: the paper, its parts, its signals over time and what is like it."""
    return {
        **paper_fields(view.paper),
        "parts": [part.key for part in view.parts],
        "signals": [signal_fields(s) for s in view.signals],
        "related": [
            {"key": h.paper.key, "title": plain(h.paper.title), "score": round(h.score, 6)} for h in view.related
        ],
    }


def comment_fields(spoken: "Spoken") -> Json:
    """A comment as the reader who asks sees it; `text` is empty where it was taken back, or is hidden from them."""
    c, author = spoken.comment, spoken.author
    return {
        "id": c.id,
        "parent": c.parent,
        "depth": spoken.depth,
        "author": {"name": author.name, "display": author.display} if author else None,
        "at": time_to_text(c.at),
        "edited": time_to_text(c.edited) if c.edited else None,
        "hidden": c.hidden is not None,
        "removed": c.removed is not None,
        "text": spoken.text,
        "mentions": [reader.name for reader in spoken.people],
        "own": spoken.is_own,
    }


def signal_fields(signal: Signal) -> Json:
    """A count at a time."""
    return {"source": signal.source, "kind": signal.kind, "at": time_to_text(signal.at), "value": signal.value}


def reader_fields(reader: Reader) -> Json:
    """`reader add`: who a reader is."""
    return {
        "reader": reader.name,
        "display": reader.display,
        "email": reader.email,
        "zone": reader.zone,
        "role": reader.role,
        "created": time_to_text(reader.created),
        "disabled": time_to_text(reader.disabled) if reader.disabled else None,
    }


def reader_view_fields(view: "ReaderView") -> Json:
    """`reader show`: who a reader is, and how much is theirs."""
    return {
        **reader_fields(view.reader),
        "interests": [interest.name for interest in view.interests],
        "marks": dict(view.marks),
        "shown": view.shown,
        "seen": time_to_text(view.seen) if view.seen else None,
    }


def marked_fields(found: "Marked") -> Json:
    """`mark`: a paper and what a reader says of it now; `at` is when the newest mark was given."""
    return {
        "reader": found.reader,
        "key": found.paper.key,
        "title": plain(found.paper.title),
        "marks": list(found.kinds),
        "note": found.note,
        "at": time_to_text(max(mark.at for mark in found.marks)) if found.marks else None,
        "votes": found.votes,
        "changed": found.changed,
    }


def undone_answer(found: "Undone") -> Json:
    """`mark --undo`: the papers and the things that the action was about that was taken back, as they are now."""
    return {"undone": [marked_fields(one) for one in found.papers], "things": list(found.things)}


def collection_fields(view: "CollectionView") -> Json:
    """`collection show`: a collection; the papers of this piece of it, each with its place and when it was added."""
    there = view.collection
    fields: Json = {
        "id": there.ref if view.own else str(there.id),
        "name": there.name,
        "note": there.note,
        "reader": view.reader,
        "own": view.own,
        "sharing": there.sharing,
        "link": view.link,
        "total": view.total,
        "created": time_to_text(there.created),
    }
    if view.papers is not None:
        fields["papers"] = [
            {"place": one.place, "added": time_to_text(one.added), **paper_fields(one.paper)} for one in view.papers
        ]
    return fields


def filed_answer(filed: "Filed") -> Json:
    """`collection add`, `import`: how many papers came into a collection, and what could not."""
    return {
        "collection": filed.collection.name,
        "added": filed.added,
        "there": filed.there,
        "new": filed.fetched,
        "dropped": _drops(filed.dropped),
    }


def saved_search_fields(view: "SearchView") -> Json:
    """`saved list`: a saved search and how many papers are new in it."""
    there = view.search
    return {
        "id": str(there.id),
        "name": there.name,
        "query": there.query,
        "mode": there.mode,
        "muted": there.muted,
        "new": view.new,
        "looked": time_to_text(there.looked),
        "created": time_to_text(there.created),
        "feed": view.feed,
    }


def interest_fields(view: "InterestView") -> Json:
    """`interest`: what was said of it, what teaches it, and what it learnt; `learnt` is null before anything was.

    `unheard`: its texts of which hardly any word is in the library.
    """
    report = view.report
    return {
        "reader": view.reader,
        "interest": view.interest.name,
        "share": view.interest.share,
        "profile": profile_to_dict(view.interest.profile),
        "unheard": list(view.unheard),
        "examples": [
            {"key": paper.key, "title": plain(paper.title), "label": label, "seed": is_seed}
            for paper, label, is_seed in view.examples
        ],
        "learnt": None if report is None else {name: report.get(name) for name in _LEARNT},
        "fetched": view.fetched,
        "dropped": _drops(view.dropped),
    }


_LEARNT = ("seeds", "liked", "disliked", "for", "against", "categories", "churn")


def recommendation_answer(made: "Recommendation") -> Json:
    """`recommend`: a reader's list, each paper with the reasons in words (`why`) and as data (`reasons`)."""
    return {
        "reader": made.reader,
        "interest": made.interest,
        "list": made.name,
        "from": made.first.isoformat() if made.first else None,
        "until": made.last.isoformat() if made.last else None,
        "state": made.state,
        "note": made.note,
        "candidates": made.candidates,
        "papers": [_recommended_fields(entry) for entry in made.entries],
        "ask": [{"key": paper.key, "title": plain(paper.title)} for paper in made.asked],
    }


def _recommended_fields(e: "Recommended") -> Json:
    return {
        "rank": e.rank,
        **paper_fields(e.paper),
        "interest": e.interest,
        "score": e.score,
        "probability": e.probability,
        "why": list(e.why),
        "reasons": [{"kind": r.kind, "what": r.what, "weight": round(r.weight, 4)} for r in e.reasons],
        "explored": e.explored,
        "alike": list(e.alike),
        "announced": e.announced.day.isoformat() if e.announced else None,
        "shown": time_to_text(e.shown) if e.shown else None,
    }


def subscription_fields(found: "Subscription") -> Json:
    """`digest on` and `digest list`: how a reader wants theirs; `next` is a time of their zone."""
    from broadsheet.library.digests.subscription import in_words

    d, last, mail = found.delivery, found.last, found.mail
    if d is None:
        return {"reader": found.reader.name, "state": "off"}
    return {
        "reader": found.reader.name,
        "state": found.state,
        "email": d.email,
        "confirmed": time_to_text(d.confirmed) if d.confirmed else None,
        "cadence": d.cadence,
        "weekday": d.weekday,
        "at": f"{d.at:%H:%M}",
        "sections": list(d.sections),
        "most": d.most,
        "when": in_words(d),
        "next": found.due.isoformat() if found.due and found.state == "on" else None,
        "last": last.edition if last else None,
        "mail": mail.state if mail else None,
        "failures": d.failures,
        "said": d.said or (mail.said if mail and mail.state != "sent" else ""),
    }


def digest_fields(content: "Content") -> Json:
    """A digest: its sections, each paper with why."""
    return {**asdict(content), "day": content.day.isoformat()}


def kept_fields(kept: "Kept") -> Json:
    """A digest that was made, and what became of its mail."""
    d, mail = kept.digest, kept.mail
    return {
        "edition": d.edition,
        "papers": sum(1 for _ in kept.content.items),
        "state": kept.state,
        "subject": d.subject,
        "created": time_to_text(d.created),
        "tries": mail.tries if mail else 0,
        "said": mail.said if mail else "",
        "note": kept.content.note,
    }


def outlet_fields(reader: str, outlet: "Outlet", place: str) -> Json:
    """A place where a reader's digests go, without what is secret in its address."""
    return {
        "reader": reader,
        "name": outlet.name,
        "kind": outlet.kind,
        "place": place,
        "sections": list(outlet.sections),
        "state": "suspended" if outlet.suspended else "on",
        "reached": time_to_text(outlet.reached) if outlet.reached else None,
        "failures": outlet.failures,
        "said": outlet.said,
    }


def returns_fields(told: "Returns") -> Json:
    """What came back."""
    counts = {name: getattr(told, name) for name in ("failed", "delayed", "arrived", "known", "suspended")}
    return {**counts, "dropped": _drops(told.drops)}


def delivered_fields(done: "Delivered") -> Json:
    """`digest send` and `jobs run`: what was made and sent, and what other processes are sending."""
    names = ("sent", "later", "failed", "uncertain", "trouble")
    counts = {name: getattr(done.post, name) for name in names}
    elsewhere = in_hand_fields(done.elsewhere) if done.elsewhere else None
    made = {"made": done.made, "empty": done.empty, **counts, "elsewhere": elsewhere}
    many, first = done.waiting
    made["waiting"] = {"mails": many, "until": time_to_text(first)[:19] if first else None}
    return {**made, "outlets": asdict(done.outlets), "failures": list(done.failures)}


def in_hand_fields(held: "InHand") -> Json:
    """Mails that processes are handing over, and until when."""
    return {"mails": held.many, "until": time_to_text(held.until)[:19] if held.until else None}


def _counts(report: "ImportReport | RunReport") -> Json:
    counts = report.counts
    return {
        "new": counts.new,
        "changed": counts.changed,
        "same": counts.same,
        "merged": counts.merged,
        "dropped": _drops(report.dropped),
        "dropped_total": report.dropped_total,
    }


def _drops(dropped: Iterable[Drop]) -> list[Json]:
    return [{"source": drop.source, "at": drop.at, "reason": drop.reason} for drop in dropped]
