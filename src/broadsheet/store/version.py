"""Which schema this program reads and writes, known without importing the machinery of migrations."""

from typing import Final

HEAD: Final = "0019"
"""The newest migration in `migrations/versions`; they are numbered, so a later one compares greater."""

VERSION_TABLE: Final = "broadsheet_version"

APPLICATION_ID: Final = 0x42726473
""""Brds" in the header of our SQLite files (PRAGMA application_id): tells a library from any other database."""
