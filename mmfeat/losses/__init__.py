"""Losses: tensors in, a scalar tensor out."""
