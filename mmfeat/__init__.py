"""Multimodal predictions from frozen CT foundation models and clinical records."""

__version__ = "0.1.0"
