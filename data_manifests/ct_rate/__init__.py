"""CT-RATE: 18 findings of chest CT, with the official split of patients."""
