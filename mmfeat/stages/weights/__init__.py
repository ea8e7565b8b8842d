"""Bring weights onto this machine, and say which are here."""
