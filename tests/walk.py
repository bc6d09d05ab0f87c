"""Walks over every route of the application: a new one is walked by itself."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.routing import APIRoute


def routes(app: FastAPI, values: Mapping[str, Sequence[str]], *, safe: bool) -> Iterator[tuple[str, str]]:
    """Method and address of each route, once for each value of the places in its path; `safe`: those that only read."""
    for route in app.routes:
        if not isinstance(route, APIRoute):
            continue
        places = re.findall(r"{(\w+)", route.path)
        for chosen in itertools.product(*(values[place] for place in places)):
            path = route.path
            for place, value in zip(places, chosen, strict=True):
                path = re.sub(rf"{{{place}(:\w+)?}}", quote(value, safe=":"), path)
            yield from ((method, path) for method in route.methods or () if (method == "GET") is safe)
