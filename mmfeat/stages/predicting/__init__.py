"""Use a finished run: predict new cases, export it to a folder of its own, load it in Python."""
