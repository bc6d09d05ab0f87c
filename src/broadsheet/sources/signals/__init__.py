"""Where counts of papers come from: one file per service. `SIGNAL_SOURCES` lists them.

All are off until the settings switch them on: they are told which papers the library holds.
"""

from broadsheet.sources.signals import github, openalex, semanticscholar
from broadsheet.sources.signals.contract import Look, Looks, Poll, SignalSource, Subject, Web

__all__ = ["SIGNAL_SOURCES", "Look", "Looks", "Poll", "SignalSource", "Subject", "Web"]

SIGNAL_SOURCES: dict[str, SignalSource] = {
    service.NAME: SignalSource(service.NAME, service.enabled, service.schedule, service.fetch)
    for service in (github, semanticscholar, openalex)
}
