"""The published encoders, each as data."""
