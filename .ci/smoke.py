"""Import every module of the installed package: a wheel with a part or a dependency missing fails here."""

import importlib
import pkgutil

import broadsheet

OF_EXTRAS = {"broadsheet.library.access.ceremonies"}
"""What is imported only where an extra is installed."""

for module in pkgutil.walk_packages(broadsheet.__path__, "broadsheet."):
    if ".migrations." not in module.name and module.name not in OF_EXTRAS:  # migrations run only inside Alembic
        importlib.import_module(module.name)
