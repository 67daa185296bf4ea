"""One module a topic: the Timelines on which its claims hold, fail, or cannot be told."""
