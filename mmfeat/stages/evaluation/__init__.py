"""Evaluation: what heads say of the test parts, and every number that is made of it."""
