"""Imaging Data Commons: a manifest from the index of its scans, before anything is downloaded."""
