"""The plainest pages that FastAPI and Jinja can make in our place: of as many bytes, and of the same papers beside.

Nothing is remembered, and nothing is behind them: rows are plain dictionaries in memory.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from jinja2 import Environment

from broadsheet.rank.order import Entry

Row = Mapping[str, Any]

_env = Environment(autoescape=True)
OF_BYTES = _env.from_string("<ol>{% for n in rows %}<li class='paper'>{{ n }} {{ text }}</li>{% endfor %}</ol>")
OF_PAPERS = _env.from_string(
    """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Papers</title>
  <link rel="stylesheet" href="/static/style.css">
</head>
<body>
<h1>Papers</h1>
<ol class="papers">
{% for paper in papers %}
<li class="paper" id="{{ paper.id }}">
  <h2><a href="/paper/{{ paper.key }}">{{ paper.title }}</a></h2>
  <p class="byline">{% for author in paper.authors %}{{ author }}{% if not loop.last %}, {% endif %}{% endfor %}</p>
  <p class="abstract">{{ paper.abstract }}</p>
  <p class="meta">
    <time>{{ paper.date }}</time>
    {% for category in paper.categories %}<a class="cat" href="/search?q=cat:{{ category }}">{{ category }}</a>
    {% endfor %}
    {% for link in paper.links %}<a href="{{ link.url }}">{{ link.kind }}</a>
    {% endfor %}
  </p>
  <div class="marks">
    {% for button in paper.buttons %}
    <button form="marks" name="say" value="{{ button.kind }} {{ paper.key }}" title="{{ button.label }}">\
{{ button.sign }}</button>
    {% endfor %}
  </div>
</li>
{% endfor %}
</ol>
<p>{{ filling }}</p>
</body>
</html>
"""
)

_BUTTONS = [
    {"kind": "up", "sign": "▲", "label": "More like this"},
    {"kind": "down", "sign": "▽", "label": "Less of this"},
    {"kind": "save", "sign": "☆", "label": "Save"},
    {"kind": "read", "sign": "✓", "label": "Read"},
    {"kind": "hide", "sign": "✕", "label": "Hide"},
]


def row_of(entry: Entry) -> Row:
    """A paper of a list as a plain dictionary."""
    paper = entry.paper
    return {
        "id": f"p{entry.rank}",
        "key": paper.key,
        "title": paper.title,
        "authors": [author.name for author in paper.authors[:6]],
        "abstract": paper.abstract,
        "date": paper.announcements[0].day.isoformat() if paper.announcements else "",
        "categories": list(paper.categories[:5]),
        "links": [{"kind": link.kind, "url": link.url} for link in paper.links],
        "buttons": _BUTTONS,
    }


class Rows:
    """Papers in memory, of which a page shows the first."""

    def __init__(self, papers: Sequence[Row]) -> None:
        self._papers = papers
        frame = len(OF_PAPERS.render(papers=[], filling="").encode())
        cards = (len(OF_PAPERS.render(papers=[paper], filling="").encode()) - frame for paper in papers)
        self._ends = list(accumulate(cards, initial=frame))

    def page(self, size: int, most: int) -> str:
        """A page of so many bytes: of `most` papers, or as many as there is room for, and one text for the rest."""
        shown = max(0, min(most, bisect_right(self._ends, size) - 1))
        return OF_PAPERS.render(papers=self._papers[:shown], filling="x" * (size - self._ends[shown]))
