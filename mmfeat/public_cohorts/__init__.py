"""What the ready-made set-ups of public cohorts are made of; they are in ``data_manifests/``."""
