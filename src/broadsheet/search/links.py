"""A folder of links to the files of an index that lies where nothing can be written.

To read an index tantivy makes a lock file beside it, which links in a folder of their own leave room for.
"""

import shutil
import tempfile
import weakref
from pathlib import Path


class Links:
    """Links to the files in a folder, in a temporary one that is gone with this object. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.place = Path(tempfile.mkdtemp(prefix="broadsheet-"))
        weakref.finalize(self, shutil.rmtree, self.place, ignore_errors=True)
        self.renew()

    def renew(self) -> None:
        """Link to what has come since."""
        for file in self._folder.iterdir():
            link = self.place / file.name
            if file.suffix != ".lock" and not link.is_symlink():
                link.symlink_to(file.absolute())
