"""HECKTOR: relapse and HPV status of head and neck cancer, from PET/CT and clinical facts."""
