"""Everything that talks to the Kubernetes API: guard, session, recorder, metrics, forward.

All calls block; a lesson makes them through `asyncio.to_thread`. The package `kubernetes` is
imported inside functions only, because it takes about a second.
"""
