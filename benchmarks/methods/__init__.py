"""Every fusion method on many cohorts, by repeated cross-validation: what the default is worth."""
