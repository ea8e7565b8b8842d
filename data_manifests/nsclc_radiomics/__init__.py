"""NSCLC-Radiomics (Lung1): survival of patients with lung cancer who were irradiated."""
