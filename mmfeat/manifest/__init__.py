"""The user's table: read, checked, and divided into folds."""
