"""LIDC-IDRI: malignancy of lung nodules, as up to four radiologists rate it."""
