"""NSCLC-Radiogenomics: survival, recurrence and mutations of lung cancers that were resected."""
