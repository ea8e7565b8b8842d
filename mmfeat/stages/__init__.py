"""The stages: extract, train, evaluate and what they share; each takes a project."""
