"""The number of a page of a list."""

from typing import Annotated

from fastapi import Query

PageNumber = Annotated[int, Query(ge=1, le=10_000)]
