"""Weights on this machine: what is published, what is here, and how it comes here."""
