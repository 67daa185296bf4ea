"""Claims: sentences of the lessons that a run's Timeline holds or does not.

A claim is a pure function from Timeline to Verdict.  It takes what it expects, and how far a
measurement may stray, from the model of the manifest that really ran.  Its docstring names the rows
that it reads; a run without them gets "could not tell".
"""

from helpers.claims import requests_and_limits as _requests_and_limits  # noqa: F401 - enters claims
from helpers.claims import units as _units  # noqa: F401 - enters claims
from helpers.claims.registry import Claim, Verdict, claim, registered, verdict

__all__ = ["Claim", "Verdict", "claim", "registered", "verdict"]
