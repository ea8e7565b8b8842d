"""Heads as one torch module each, without NumPy: what other runtimes can be given."""
