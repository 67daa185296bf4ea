"""Claims: sentences of the lessons that a run's Timeline holds or does not.

A claim is a pure function from Timeline to Verdict.  It takes what it expects, and how far a
measurement may stray, from the model of the manifest that really ran.  Its docstring names the rows
that it reads; a run without them gets "could not tell".  Each module of this package is read, and
so enters its claims.
"""

import importlib
import pkgutil

from helpers.claims.registry import Claim, Verdict, claim, registered, verdict

__all__ = ["Claim", "Verdict", "claim", "registered", "verdict"]

for _module in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(_module.name)
