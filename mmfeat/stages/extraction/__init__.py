"""Embed every scan that has no feature yet, and say where that stands."""
