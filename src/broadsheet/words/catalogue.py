"""A language: its words, its numbers, its dates.

English is in the code. Another language is a catalogue beside this file, read when it is first needed: some
milliseconds, and no compiled file that could be older than its text.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, tzinfo
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_datetime, format_time, get_timezone_name
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from broadsheet.words.reworded import reworded
from broadsheet.words.said import Listed, Month, Row, Said, ShortDay

SOURCE: Final = "en"
"""The language that the code is written in."""

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in one language."""

    language: str
    _locale: Locale
    _known: NullTranslations
    _decimal: Callable[[float, str | None], str] = field(compare=False)
    _instead: Mapping[str, str] = field(default_factory=dict, compare=False)

    def rewording(self, instead: Mapping[str, str]) -> "Words":
        """The same, but for messages that `instead` has others for."""
        return replace(self, _instead=instead)

    def gettext(self, message: str) -> str:
        """A message in this language; in English where the catalogue lacks it. The empty one would be its head."""
        return self._known.gettext(message) if message else message

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The message that fits a number."""
        return self._known.ngettext(one, many, number)

    def say(self, text: str) -> str:
        """A sentence that was made by `said` or `counted`, in this language; any other text as it is."""
        text = reworded(text, self._instead)
        if not isinstance(text, Said) or self.language == SOURCE:
            return text
        many = text.plural != text.message
        message = self.ngettext(text.message, text.plural, text.number) if many else self.gettext(text.message)
        return message % {name: self._value(value) for name, value in text.values.items()} if text.values else message

    def number(self, value: float, form: str | None = None) -> str:
        """A number; `form` is a pattern of CLDR, such as `0.00`."""
        return self._decimal(round(value, _digits(form)) if form else value, form)

    def day(self, day: date) -> str:
        """A day in full."""
        return format_date(day, self.gettext("EEEE, d MMMM y"), self._locale)

    def short_day(self, day: date) -> str:
        """A day without its name."""
        return _day(day, self.gettext("d MMMM y"), self._locale)

    def month(self, day: date) -> str:
        """The month of a day, with its year."""
        return format_date(day, "LLLL y", self._locale)

    def time(self, at: time) -> str:
        """A time of the day."""
        return format_time(at, "HH:mm", locale=self._locale)

    def moment(self, when: datetime, zone: tzinfo) -> str:
        """A time in a zone, to the minute."""
        told = format_datetime(when, self.gettext("d MMM y, HH:mm"), zone, self._locale)
        return f"{told} {get_timezone_name(when.astimezone(zone), 'short', locale=self._locale)}"

    def weekdays(self, width: str = "wide") -> list[str]:
        """The names of the days of a week, Monday first; `width` is `wide` or `abbreviated`."""
        names = self._locale.days["stand-alone"][width]
        return [names[number] for number in range(7)]

    def listed(self, items: Iterable[str]) -> str:
        """`a, b and c`."""
        return format_list([self.say(item) for item in items], "standard", self._locale)

    def _value(self, value: object) -> object:
        if isinstance(value, Said):
            return self.say(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return self.number(value)
        if isinstance(value, Month):
            return self.month(value.day)
        if isinstance(value, ShortDay):
            return self.short_day(value.day)
        if isinstance(value, Listed):
            return self.listed(value.items)
        if isinstance(value, Row):
            return "; ".join(map(self.say, value.items))
        if isinstance(value, float):
            return self.number(value, "0.0")
        return self.day(value) if isinstance(value, date) else value


@lru_cache
def _digits(form: str) -> int:
    """How many decimals of a number a form shows: those that are alike in them are remembered as one."""
    return form.partition(";")[0].partition(".")[2].count("0") + (2 if "%" in form else 0)


def _decimals(locale: Locale) -> Callable[[float, str | None], str]:
    """Numbers as text: a page says the same small ones again and again, and each takes some 50 microseconds."""
    return lru_cache(4096)(lambda value, form: format_decimal(value, form, locale))


@lru_cache(1024)
def _day(day: date, form: str, locale: Locale) -> str:
    """A day as text: the papers of a page have few, and each takes as long as a number."""
    return format_date(day, form, locale)


@cache
def languages() -> Mapping[str, str]:
    """Each language that is known, and what it calls itself."""
    codes = [SOURCE, *sorted(path.stem for path in FOLDER.glob("*.po"))]
    return {code: str(Locale.parse(code).get_display_name(code)).capitalize() for code in codes}


@cache
def words(language: str) -> Words:
    """The words of a language; of English where it is not known."""
    path = FOLDER / f"{language}.po"
    if language == SOURCE or language not in languages():
        return _words(SOURCE, Locale.parse("en_GB"), NullTranslations())
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return _words(language, Locale.parse(language), GNUTranslations(compiled))


def _words(language: str, locale: Locale, known: NullTranslations) -> Words:
    return Words(language, locale, known, _decimals(locale))


def best(wanted: Iterable[str], otherwise: str) -> str:
    """The first of the wanted languages that is known, also as `de` for `de-AT`."""
    return negotiate_locale(list(wanted), list(languages()), sep="-") or otherwise
