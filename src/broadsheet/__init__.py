"""Broadsheet: the self-hosted daily papers."""

__version__ = "0.1.0"
