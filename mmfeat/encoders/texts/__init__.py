"""Frozen sentence encoders, which turn short free text of records into vectors."""
