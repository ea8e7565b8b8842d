"""Settings: strict, immutable models of one YAML file."""
