"""The settings and the README that go with the made-up cohort."""

from collections.abc import Sequence

from mmfeat.demo.cohort_plan import Case
from mmfeat.demo.outcome_model import FINDINGS, STAGES

SETTINGS = """\
# Settings of the made-up cohort of `mmfeat demo`. Paths are relative to this file.
# Every setting, with its meaning and default: `mmfeat config schema`.

cohort:
  manifest: manifest.csv        # one row a case: one scan, one prediction
  case_id: case_id
  patient_id: patient_id        # a patient's cases are never on two sides of a split
  site: site
  targets:
    cancer_1y:                  # cancer within one year of the scan
      kind: binary
      column: cancer_1y
      positive: 1
      negative: 0
    stage:                      # stage at that diagnosis
      kind: multiclass
      column: stage
      classes: [{stages}]
    findings:                   # what a radiologist saw; an empty cell is unknown
      kind: multilabel
      columns: [{findings}]
    time_to_cancer:             # days to the diagnosis (event 1) or to the last visit (event 0)
      kind: time_to_event
      time: time_days
      event: event
      horizons: [365, 730]      # the risk until one and two years
  split:
    file: splits.csv            # made on first use, then reused
    folds: 5
    val_share: 0.2
    stratify_by: cancer_1y
    by_site: false              # true: test each site with a model that never saw it
    seed: 0

modalities:
  ct:
    kind: volume
    column: ct                  # a NIfTI file or a folder with a DICOM series; empty: no scan
    encoder: {encoder}
  clinical:
    kind: table
    columns:
      age: {{type: numeric, unit: years, minimum: 18, maximum: 110}}
      sex: {{type: categorical, categories: [F, M]}}
      bmi: {{type: numeric, unit: kg/m2, minimum: 10, maximum: 80}}
      smoking_status: {{type: categorical, categories: [never, former, current]}}
      pack_years: {{type: numeric, minimum: 0, maximum: 200}}
      quit_date: {{type: date_difference, until: scan_date}}   # days since a former smoker stopped
      family_history: {{type: boolean}}
      performance_status: {{type: ordinal, levels: [0, 1, 2, 3]}}
      fev1_percent: {{type: numeric, unit: "% of predicted", minimum: 5, maximum: 200}}
      crp_mg_l: {{type: numeric, unit: mg/l, minimum: 0}}
      cea_ng_ml: {{type: numeric, unit: ng/ml, minimum: 0}}
    scaling: quantile           # two of the laboratory values are far from normally distributed

extract:
  cache: cache                  # features are made once and found again here

train:
  run: run                      # heads and results
  methods: [mmfeat, paper, logistic, average]
  seeds: [0, 1, 2]

eval:
  resamples: 2000               # patient-level bootstrap
  confidence: 0.95
  true_risk: truth.csv          # made-up cohorts only: the ceiling; training never reads it
"""

README = """\
# A made-up cohort

Everything in this folder is invented: no patient, no hospital, no scanner and no scan is real.
It was written by `mmfeat demo` (mmfeat {version}, seed {seed}, slices of {size} x {size} voxels)
to show what mmfeat does and to try it out. Nothing about medicine can be learnt from it. How it
was generated is told in docs/demo.md of the project.

{patients} patients; {cases} cases, one row of manifest.csv each; {scans} scans, of which {nifti}
are NIfTI files and {dicom} DICOM series. {no_scan} cases have no scan, {no_record} have no
clinical record, none lacks both. About 7 % of the cells of the other records are empty.

- manifest.csv: the cohort, as a hospital would hand it over
- mmfeat.yaml: the settings; `mmfeat run mmfeat.yaml` does everything from here
- scans/: the CT scans
- truth.csv: what only the maker knows: the true risk of cancer, and what is in the scans

Two scans are broken on purpose, as some always are; mmfeat has to list them as failed and go on:

{broken}
"""


def settings_text(encoder: str) -> str:
    """Return the settings file of the cohort."""
    return SETTINGS.format(encoder=encoder, stages=", ".join(STAGES), findings=", ".join(FINDINGS))


def readme_text(cases: Sequence[Case], *, version: str, seed: int, size: int) -> str:
    """Return the README of the cohort's folder."""
    reasons = {"nifti": "the file ends too early", "dicom": "one slice in the middle is missing"}
    broken = [
        f"- {case.scan_path}: {reasons[str(case.scan_format)]}" for case in cases if case.broken
    ]
    formats = [case.scan_format for case in cases]
    return README.format(
        version=version,
        seed=seed,
        size=size,
        patients=len({case.patient for case in cases}),
        cases=len(cases),
        scans=len(formats) - formats.count(None),
        nifti=formats.count("nifti"),
        dicom=formats.count("dicom"),
        no_scan=formats.count(None),
        no_record=sum(not case.has_record for case in cases),
        broken="\n".join(broken),
    )
