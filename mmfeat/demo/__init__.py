"""The made-up cohort: patients, outcomes, phantom chest CT, and their files."""
