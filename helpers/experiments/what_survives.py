"""The experiment of the lesson "what-survives"."""

from helpers.experiments.survives import WhatSurvives

__all__ = ["WhatSurvives"]
