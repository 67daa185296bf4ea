"""Lessons and their cards: predict, run, compare."""
