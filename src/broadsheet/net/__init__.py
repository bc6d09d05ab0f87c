"""The only outgoing HTTP."""

from broadsheet.net.address import shown
from broadsheet.net.client import PASSING, Asked, Client, Response
from broadsheet.net.handing_in import Receipt, hand_in, is_private
from broadsheet.net.headers import asked_to_wait, retry_after, user_agent

__all__ = [
    "PASSING",
    "Asked",
    "Client",
    "Receipt",
    "Response",
    "asked_to_wait",
    "hand_in",
    "is_private",
    "retry_after",
    "shown",
    "user_agent",
]
