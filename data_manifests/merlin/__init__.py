"""Merlin Abdominal CT: findings of emergency CT of the abdomen, with the official split."""
