"""Ids of works in one spelling, `scheme:value`, out of every way to write them.

arXiv ids lose their version and, in the old style, their subject class: `math.GT/0309136v2` and `math/0309136` are
both `arxiv:math/0309136`, which is how arXiv itself writes it. DOIs are lower case; arXiv's own DOIs are arXiv ids.
"""

import re
from functools import cache

_NEW = r"[0-9]{2}(?:0[1-9]|1[0-2])\.[0-9]{4,5}"
_ARCHIVES = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs|dg-ga|"
    "funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol|physics|plasm-ph|"
    "q-alg|q-bio|quant-ph|solv-int|supr-con"
)
_OLD = rf"(?:{_ARCHIVES})(?:\.[A-Za-z]{{2}}(?:-[A-Za-z]+)?)?/[0-9]{{7}}"
_ARXIV = rf"(?:arxiv[:\s]\s*)?({_NEW}|{_OLD})(?:v[0-9]{{1,3}})?(?:\s*\[[a-z.-]+\])?"
_ARXIV_LOOSE = rf"(?:oai:arxiv\.org:|10\.48550/arxiv\.)({_NEW}|{_OLD})(?:v[0-9]{{1,3}})?"
_ARXIV_PAGE = (
    r"(?:arxiv\.org|ar5iv\.org|alphaxiv\.org|huggingface\.co|hf\.co|xxx\.lanl\.gov)/"
    rf"(?:(?:abs|pdf|html|format|ps|e-print|src|overview|papers|audio|resources|[a-z]{{2}}/(?:abs|overview))/)"
    rf"(?:arxiv:)?({_NEW}|{_OLD})(?:v[0-9]{{1,3}})?(?:\.pdf|\.md)?(?:$|[/?#\s.,;:)\]}}>\"'\\])"
)
_DOI = r"10\.[0-9]{4,9}/\S+"
_DOI_HEAD = r"(?:doi:?\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/(?:doi:)?)+"
_DOI_PAGE = r"/doi/(?:[a-z]+/){0,2}(10\.[0-9]{4,9}/[^\s?#]+)"
_BIORXIV_PAGE = r"(?:bio|med)rxiv\.org/content/(?:[a-z]+/)*(10\.[0-9]{4,9}/[0-9.]+[0-9])"
_OPENREVIEW_PAGE = r"openreview\.net/[^?#\s]*\?(?:[^#\s]*&)?id=([\w-]+)"
_ACL_ID = r"[0-9]{4}\.[a-z][a-z0-9_]*-[a-z0-9_]+\.[0-9]+|[A-Z][0-9]{2}-[0-9]{4,5}"
_ACL_PAGE = (
    rf"(?:aclanthology\.org|aclweb\.org/anthology|aclanthology\.info)/(?:papers/|[^\s/]+/)*?({_ACL_ID})(?![0-9])"
)
_ACL_DOI = rf"doi:10\.(?:18653/v1|3115/v1)/({_ACL_ID})"
_PUBMED = (
    r"(?:(?:pmid|pubmed):?\s*|(?:https?://)?(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed)/)"
    r"0*([1-9][0-9]{0,8})(?:$|[/?#.\s])"
)
_S2 = r"(?:s2:\s*)?([0-9a-f]{40})"
_S2_PAGE = r"semanticscholar\.org/(?:paper|reader)/(?:[^\s/]+/)?([0-9a-f]{40})(?![0-9a-f])"
_CORPUS = r"(?:(?:https?://)?(?:api\.|www\.)?semanticscholar\.org/(?:corpusid:|p/)|corpus_?id:)\s*0*([1-9][0-9]{0,11})(?:$|[/?#])"
_OURS = r"local:[0-9a-f]{16}|demo:[0-9]{4}"
_OPENREVIEW = r"openreview:\s*([\w-]+)"
_ACL_TAGGED = rf"acl:\s*({_ACL_ID})"

_MENTION = (
    rf"\b(?:arxiv|ar5iv|alphaxiv|huggingface|hf|lanl)\.(?:org|co|gov|labs\.arxiv\.org)/\S+|\barxiv[:\s]\s*(?:{_NEW}|{_OLD})(?![0-9])"
    r"|\b10\.[0-9]{4,9}/[^\s\"<>{}|\\^`]+"
)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Patterns are text until they are first used: the shell loads this module for every command."""
    return re.compile(pattern, re.IGNORECASE)


def _whole(pattern: str, text: str) -> re.Match[str] | None:
    return _compiled(pattern).fullmatch(text)


def _start(pattern: str, text: str) -> re.Match[str] | None:
    return _compiled(pattern).match(text)


def _within(pattern: str, text: str) -> re.Match[str] | None:
    return _compiled(pattern).search(text)


_IN_EACH_ID = ":/0123456789"  # at least one of them: a word that is searched for is not looked through
_LONGEST = 2_000  # letters of an address that may hold an id


def canonical_id(raw: str) -> str | None:
    """`scheme:value` of an id in any spelling or of the page it has on the web; None where it is none."""
    raw = raw.strip()
    if not any(letter in raw for letter in _IN_EACH_ID):
        return None
    found = _whole(_ARXIV, raw)
    if found is not None:
        return _arxiv(found[1])
    if len(raw) > _LONGEST:
        return None
    raw = _without_tail(raw.lstrip("<([{\"'“‘"))
    for find in _FINDERS:
        value = find(raw)
        if value is not None:
            return value
    return None


def aliases_of(id: str) -> tuple[str, ...]:
    """The canonical id and the ids that follow from it: an ACL DOI names the id in the anthology."""
    found = _whole(_ACL_DOI, id) if id.startswith("doi:10.") else None
    return (id,) if found is None else (id, _acl(found[1]))


def ids_in(text: str) -> tuple[str, ...]:
    """The arXiv ids and DOIs that a free text mentions, in order, each once."""
    if "10." not in text and "rxiv" not in text.lower() and "/papers/" not in text:
        return ()
    found = (canonical_id(match[0]) for match in _compiled(_MENTION).finditer(text))
    return tuple(dict.fromkeys(id for id in found if id is not None))


def _arxiv(value: str) -> str:
    archive, slash, number = value.partition("/")
    return f"arxiv:{archive.lower().partition('.')[0]}/{number}" if slash else f"arxiv:{value}"


def _acl(value: str) -> str:
    return f"acl:{value.lower() if '.' in value else value.upper()}"


def _find_arxiv(raw: str) -> str | None:
    found = _whole(_ARXIV, raw) or _whole(_ARXIV_LOOSE, raw) or _within(_ARXIV_PAGE, raw)
    return None if found is None else _arxiv(found[1])


def _find_doi(raw: str) -> str | None:
    head = _start(_DOI_HEAD, raw)
    rest = raw[head.end() :] if head else raw
    if head and "/" in head[0]:
        rest = rest.partition("?")[0]
    if "%" in rest:
        from urllib.parse import unquote

        rest = unquote(rest)
    found = _start(_DOI, rest)
    if found is None:
        page = _within(_BIORXIV_PAGE, raw) or (_within(_DOI_PAGE, raw) if "/doi/" in raw else None)
        value = page[1] if page else ""
    else:
        value = found[0]
    value = _without_tail(value).lower()
    if not value or _whole(_DOI, value) is None:
        return None
    as_arxiv = _whole(_ARXIV_LOOSE, value)
    return f"doi:{value}" if as_arxiv is None else _arxiv(as_arxiv[1])


_OPENING = {")": "(", "]": "[", "}": "{"}


def _without_tail(value: str) -> str:
    """Without the punctuation of the sentence around it; balanced brackets stay, as some DOIs have them."""
    while value:
        last = value[-1]
        if last in ".,;:\"'>*’”" or (last in ")]}" and value.count(last) > value.count(_OPENING[last])):
            value = value[:-1]
        else:
            break
    return value


def _find_openreview(raw: str) -> str | None:
    found = _whole(_OPENREVIEW, raw) or _within(_OPENREVIEW_PAGE, raw)
    return None if found is None else f"openreview:{found[1]}"


def _find_acl(raw: str) -> str | None:
    found = _whole(_ACL_TAGGED, raw) or _within(_ACL_PAGE, raw)
    if found is not None:
        return _acl(found[1])
    return _acl(raw) if _whole(_ACL_ID, raw) else None


def _find_pubmed(raw: str) -> str | None:
    found = _start(_PUBMED, raw)
    return None if found is None else f"pubmed:{found[1]}"


def _find_semantic_scholar(raw: str) -> str | None:
    found = _whole(_S2, raw) or _within(_S2_PAGE, raw)
    if found is not None:
        return f"s2:{found[1].lower()}"
    found = _start(_CORPUS, raw)
    return None if found is None else f"corpusid:{found[1]}"


def _find_ours(raw: str) -> str | None:
    """Keys that Broadsheet itself gives: to works without an id, and to the invented papers of the sample edition."""
    return raw.lower() if _whole(_OURS, raw) else None


_FINDERS = (
    _find_arxiv,
    _find_doi,
    _find_openreview,
    _find_acl,
    _find_pubmed,
    _find_semantic_scholar,
    _find_ours,
)
