"""HANCOCK: outcomes of head and neck cancer from records, blood, pathology and embeddings."""
