"""Encoders that look at slices with a 2-D network."""
