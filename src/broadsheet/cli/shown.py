"""What rich draws on a terminal, without control characters: names and titles come from anybody."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook
from rich.segment import Segment

from broadsheet.text import visible


class Shown(RenderHook):
    """Draws each thing as it is but for what a terminal would obey; styles and links stay."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """As rich asks."""
        return [_Harmless(each) for each in renderables]


@dataclass(frozen=True, slots=True)
class _Harmless:
    drawn: ConsoleRenderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self.drawn, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)
