"""Ready-made set-ups of public cohorts, a folder each; nothing of them is imported before use."""

COHORTS: dict[str, str] = {
    "ct-rate": "ct_rate",
    "hancock": "hancock",
    "hecktor": "hecktor",
    "kits23": "kits23",
    "lidc-idri": "lidc_idri",
    "merlin": "merlin",
    "nlst": "nlst",
    "nsclc-radiogenomics": "nsclc_radiogenomics",
    "nsclc-radiomics": "nsclc_radiomics",
    "radfusion": "radfusion",
    "stoic": "stoic",
}
"""The folder of each cohort by its name on the command line."""
