"""What a run knows of what the checklists ask for, a sentence each."""

from collections.abc import Mapping
from typing import Any

from mmfeat.report.headline import headline_of
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.words import reason_of


def checklist_answers(source: PageSource) -> dict[str, str]:
    """Return answers by the names in checklists.json; what a run does not know is left out."""
    answers = {
        **_of_cohort(source.results.get("cohort_flow")),
        **_of_run(source.run, source.results.get("provenance")),
        **_of_results(source),
    }
    return {name: text for name, text in answers.items() if text}


def _of_cohort(flow: Mapping[str, Any] | None) -> dict[str, str]:
    if not flow or reason_of(flow):
        return {}
    n_cases, n_patients = flow["n_cases"], flow["n_patients"]
    kinds = ", ".join(
        f"{name} ({one['kind'].replace('_', ' ')})" for name, one in flow["targets"].items()
    )
    people = f"{n_cases:,} cases of {n_patients:,} patients"
    left_out = [
        f"{one[key]:,} {what} scans of {name}"
        for name, one in flow["modalities"].items()
        for key, what in (("n_failed", "unreadable"), ("n_rejected", "rejected"))
        if one.get(key)
    ]
    excluded = f"; left out: {', '.join(left_out)}" if left_out else "; no scan was left out"
    columns = flow["characteristics"]["columns"]
    return {
        "flow": f"{people}{excluded}.",
        "outcome": f"Predicted: {kinds}.",
        "sample_size": f"{people}; how the size was arrived at is not known here.",
        "folds": f"Cases and patients of each part of {len(flow['folds'])} folds.",
        "missing": (
            "No case is left out for a missing modality or cell: methods are trained to do without."
        ),
        "characteristics": (
            f"{len(columns)} columns, overall and by the first outcome; see the folds, too."
            if columns
            else ""
        ),
        "same_cohort": "Cross-validation: development and evaluation data are parts of one cohort.",
    }


def _of_run(run: Mapping[str, Any], known: Mapping[str, Any] | None) -> dict[str, str]:
    if not run:
        return {}
    settings = run["settings"]
    modalities = settings["modalities"]
    encoders = ", ".join(f"{k} by {v['encoder']}" for k, v in modalities.items() if "encoder" in v)
    n_columns = sum(len(one.get("columns") or ()) for one in modalities.values())
    methods = ", ".join(run["methods"])
    grid = run.get("grid")
    base_rates = settings["train"].get("base_rates", "never")
    answers = {
        "encoders_and_quality": (
            f"Scans are read, judged and prepared by a fixed recipe; features: {encoders}."
            if encoders
            else ""
        ),
        "predictors": f"{n_columns} columns of records; {encoders or 'given features'}.",
        "scaling": "Scaling and encoding are fitted to the training part of each fold.",
        "models": f"{methods}: {run['heads']} heads in {run['folds']} folds; all settings listed.",
        "initialisation": "Networks start from the listed seeds; encoders are frozen as published.",
        "selection": (
            f"Settings chosen by validation parts among {', '.join(grid)}."
            if grid
            else "Stopping by the validation part of each fold; no settings were searched."
        ),
        "imbalance": (
            "No resampling, no weights of classes in losses of the target; networks start from the "
            f"base rates: {base_rates}. Calibration before and after recalibration is reported."
        ),
        "code": "mmfeat with the listed versions; what is shared, the authors say.",
        "export": "The heads are in the run folder; mmfeat export writes them for others.",
    }
    if known and not reason_of(known):
        splits = known["splits"]
        answers["splits"] = (
            f"{splits['folds']} folds by patient, seed {splits['seed']}, digest given."
        )
        answers["disjoint"] = "Patients: all cases of a patient are in one part."
    return answers


def _of_results(source: PageSource) -> dict[str, str]:
    results = source.results
    intervals = results["intervals"]
    first = next(iter(results["targets"].values()))
    names = sorted({headline_of(one["kind"]).name for one in results["targets"].values()})
    level = f"{100 * intervals['confidence']:g} % intervals"
    uncertainty = f"{level}, {intervals['method']}, {intervals['resamples']:,} resamples"
    answers = {
        "measures": f"{', '.join(names)}, calibration, thresholds and net benefit, all defined.",
        "uncertainty": f"{uncertainty}; paired differences on the same cases.",
        "predictions": "Test parts only; a prediction is the mean over the seeds of a method.",
        "performance": f"{', '.join(names)} by method and set of modalities, {level}.",
        "unavailable_input": "Every case is predicted with what it has.",
    }
    found = {
        "subgroups": ("subgroups", "Groups of patients with intervals and gaps."),
        "recalibration": ("recalibration", "Temperature and isotonic, fitted on validation parts."),
        "operating_points": (
            "operating_points",
            "Thresholds chosen on validation parts, with counts.",
        ),
        "robustness": ("missing_modalities", "Curves over missing modalities and cells."),
        "worst": ("worst_cases", "The worst predictions, case by case."),
    }
    answers |= {
        name: text for name, (block, text) in found.items() if not reason_of(first.get(block))
    }
    if any("by_column" in one for one in (first.get("missing_cells") or {}).values()):
        answers["importance"] = "Columns by how informative they are, and what their loss costs."
    if source.scans:
        answers["acquisition"] = (
            "Remarks on slices, spacing and values of the scans that were read."
        )
    return answers
