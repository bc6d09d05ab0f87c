"""What OpenAPI says of answers: an example of each, from `examples.json`, and the errors' envelope."""

import json
from functools import cache
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).with_name("examples.json")
"""Real answers of the sample edition, cut short; `./run docs` writes them."""

_MEANING = {
    400: "The request cannot be understood.",
    401: "It needs a token of a reader.",
    403: "It is not this reader's to do.",
    404: "There is no such thing.",
}


def documented(name: str, *errors: int, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The responses of a route whose example has that name; `errors` are the statuses of its own."""
    of_error = "hub_error" if name.startswith("hub") else "error"
    return {status: _json("The answer.", name), **{error: _json(_MEANING[error], of_error) for error in errors}}


def with_examples(schema: dict[str, Any]) -> dict[str, Any]:
    """The description with the examples in the places of their names: FastAPI would leave out their nulls."""
    for operations in schema["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                content = response.get("content", {}).get("application/json", {})
                if "example" in content:
                    content["example"] = _examples().get(content["example"])
    return schema


def _json(description: str, example: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"example": example}}}


@cache
def _examples() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(EXAMPLES.read_bytes())
    except FileNotFoundError:  # while they are written for the first time
        return {}
    return found
