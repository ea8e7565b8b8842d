"""National Lung Screening Trial: low-dose CT of smokers, yearly for three years, and cancer."""
