"""Look at scans, and judge them, without embedding."""
