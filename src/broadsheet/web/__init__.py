"""The local web page: the day's list, search, a paper, the status. Server-rendered, no script, strict CSP."""
