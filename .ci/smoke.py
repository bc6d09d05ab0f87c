"""Import every module of the installed package: a wheel with a part or a dependency missing fails here."""

import importlib
import pkgutil

import broadsheet

for module in pkgutil.walk_packages(broadsheet.__path__, "broadsheet."):
    importlib.import_module(module.name)
