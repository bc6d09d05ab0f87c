"""The names of the days of a week."""

from typing import Final

from broadsheet.words.said import said

WEEKDAYS: Final = (
    said("Monday"),
    said("Tuesday"),
    said("Wednesday"),
    said("Thursday"),
    said("Friday"),
    said("Saturday"),
    said("Sunday"),
)
"""By `date.weekday()`, in the language of the reader where they are shown."""
