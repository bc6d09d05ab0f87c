"""Import every module of the installed package: a wheel with a part or a dependency missing fails here."""

import importlib
import pkgutil

import broadsheet

for module in pkgutil.walk_packages(broadsheet.__path__, "broadsheet."):
    if ".migrations." not in module.name:  # these run only inside Alembic
        importlib.import_module(module.name)
