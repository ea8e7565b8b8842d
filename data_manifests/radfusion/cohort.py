"""RadFusion as a public cohort."""

from mmfeat.public_cohorts.contract import PublicCohort

from .building import build
from .sample import write_sample

COHORT = PublicCohort(
    name="radfusion",
    title="RadFusion: Multimodal Pulmonary Embolism Dataset (Stanford AIMI)",
    homepage=(
        "https://stanfordaimi.azurewebsites.net/datasets/3a7548a4-8f65-4ab7-85fa-3d68c9efc1bd"
    ),
    licence="Stanford University Dataset Research Use Agreement",
    access="an account at Stanford AIMI and its agreement, then a download of some 380 GB",
    citation=(
        "Zhou Y, Huang SC, Fries JA, et al. RadFusion: Benchmarking Performance and Fairness for "
        "Multimodal Pulmonary Embolism Detection from CT and EHR. arXiv:2111.11665, 2021"
    ),
    variants={
        "scans": "CTs as the arrays that are published, and the record; needs a geometry.csv",
        "features": "embeddings made elsewhere, and the record; the paper's experiment",
    },
    build=build,
    write_sample=write_sample,
)
