"""Encoders without a network: statistics made by hand."""
