"""The model card of an exported run: what it is for, what it was made from, and how well it does.

Sections follow Mitchell et al., Model cards for model reporting (2019), and the front matter that
model hubs read. What a run cannot know, such as who may use it, is left for its authors to say.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

import mmfeat
from mmfeat.config.modalities import FeaturesModality, Modality, VolumeModality
from mmfeat.provenance import written_atomically
from mmfeat.report.headline import headline_of
from mmfeat.report.wording import availability_name, with_interval
from mmfeat.stages.predicting.run_contents import RunContents

CARD = "README.md"
_NAMED = re.compile("`([^`]*)`")
_TO_FILL = "*To be filled in by the authors of the model.*"


def write_card(
    folder: Path,
    contents: RunContents,
    methods: Sequence[str],
    results: Mapping[str, Any] | None,
    *,
    ids: Collection[str] = (),
) -> None:
    """Write README.md.

    Args:
        folder: The exported folder.
        contents: The run.
        methods: The methods that are in the folder, by their names in results.
        results: What results.json says; None of a run that was not evaluated.
        ids: Of patients and cases; what names one of them is left out.
    """
    lines = [
        *_front_matter(methods, results),
        *_opening(contents, methods),
        *_uses(contents),
        *_inputs(contents),
        *_training(contents, results),
        *_metrics(methods, results),
        *_limits(results, ids),
    ]
    with written_atomically(folder / CARD) as partial:
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _front_matter(methods: Sequence[str], results: Mapping[str, Any] | None) -> list[str]:
    known: dict[str, Any] = {
        "library_name": "mmfeat",
        "tags": ["medical", "multimodal", "missing-modalities"],
    }
    entries = list(_index_entries(methods[0], results))
    if entries:
        known["model-index"] = [{"name": f"mmfeat {methods[0]}", "results": entries}]
    return ["---", yaml.safe_dump(known, sort_keys=False, allow_unicode=True).strip(), "---", ""]


def _index_entries(method: str, results: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    """Give the first metric of each target on the cases as they came, as model hubs read it."""
    for target, of_target in (results or {}).get("targets", {}).items():
        natural = of_target["methods"].get(method, {}).get("natural") or {}
        metric = of_target["headline"]
        point = natural.get("metrics", {}).get(metric, {}).get("point")
        if point is not None:
            yield {
                "task": {"type": of_target["kind"], "name": target},
                "dataset": {"type": "private", "name": "cross-validation of the training cohort"},
                "metrics": [{"type": metric, "value": round(float(point), 4)}],
            }


def _opening(contents: RunContents, methods: Sequence[str]) -> list[str]:
    known = contents.known["versions"]
    targets = ", ".join(f"`{name}` ({kind})" for name, kind in contents.kinds.items())
    heads = f"{contents.plan.n_folds} folds"
    return [
        "# Model card",
        "",
        f"An ensemble of heads ({heads}, one or more seeds each) that predicts {targets} from "
        f"{', '.join(f'`{one}`' for one in contents.settings.modalities)}, whichever of them a "
        "patient has.",
        "",
        "## Model details",
        "",
        f"- Methods: {', '.join(f'`{one}`' for one in methods)}; the first answers by default.",
        f"- Trained with mmfeat {known['mmfeat']}, torch {known['torch']}; exported by mmfeat "
        f"{mmfeat.__version__}.",
        "- Format: safetensors and JSON, nothing pickled; `model.json` names every file with its "
        "SHA-256.",
        f"- Developed by, licence, contact: {_TO_FILL}",
        "",
        "    mmfeat predict FOLDER --manifest new.csv --output predictions.csv",
        "",
        "or in Python `from mmfeat import load_run; load_run(FOLDER).predict(table)`. "
        "mmfeat's docs/predicting.md and docs/python.md tell more.",
        "",
    ]


def _uses(contents: RunContents) -> list[str]:
    return [
        "## Intended use",
        "",
        "Research on cohorts like the one that it was trained on (see below): to predict "
        f"{', '.join(f'`{name}`' for name in contents.kinds)} and to compare with other models.",
        "",
        f"Intended users and setting: {_TO_FILL}",
        "",
        "### Not intended",
        "",
        "- Decisions about patients. It is no medical device, and nobody has shown that acting on "
        "it does good.",
        "- Scans or records that are made, coded or selected otherwise than those of training; "
        "`mmfeat predict` flags values and features that lie outside what was seen.",
        "",
    ]


def _inputs(contents: RunContents) -> list[str]:
    lines = ["## Inputs", ""]
    lines += [
        f"- `{name}`: {_input_words(modality)}"
        for name, modality in contents.settings.modalities.items()
    ]
    return [
        *lines,
        "",
        "Weights of frozen encoders are not in the folder. mmfeat refuses to predict with others "
        "than those of training; `mmfeat encoders` says where they come from, and under which "
        "licence.",
        "",
    ]


def _input_words(modality: Modality) -> str:
    if isinstance(modality, VolumeModality):
        return f"CT volumes, embedded by the frozen encoder `{modality.encoder}`"
    if isinstance(modality, FeaturesModality):
        return "embeddings made elsewhere; new ones must come from the same program"
    return "a record: " + ", ".join(
        f"`{name}` ({column.type})" for name, column in modality.columns.items()
    )


def _training(contents: RunContents, results: Mapping[str, Any] | None) -> list[str]:
    lines = [
        "## Training data",
        "",
        f"The cohort and how it was selected: {_TO_FILL}",
        "",
    ]
    for target, of_target in (results or {}).get("targets", {}).items():
        for entry in of_target["methods"].values():
            natural = entry.get("natural")
            if natural:
                lines.append(f"- `{target}`: {_counts(natural)}")
                break
    return [
        *lines,
        "",
        f"Each of the {contents.plan.n_folds} folds has a training, a validation and a test part; "
        "a patient is in one of them only. Scales, categories and record encoders are fitted to "
        "the training part.",
        "",
    ]


def _counts(natural: Mapping[str, Any]) -> str:
    people = f"{natural['n']} cases with a label, {natural['n_patients']} patients"
    if "n_events" in natural:
        return f"{people}, {natural['n_events']} with the event"
    positive = natural.get("n_positive")
    if isinstance(positive, int):
        return f"{people}, {positive} positive"
    if isinstance(positive, dict):
        return f"{people}: {', '.join(f'{name} {count}' for name, count in positive.items())}"
    return people


def _metrics(methods: Sequence[str], results: Mapping[str, Any] | None) -> list[str]:
    lines = ["## Evaluation", ""]
    if results is None:
        return [*lines, "This run was not evaluated: nobody knows how well it does.", ""]
    lines += [
        "On the test parts of the cross-validation, which no head of the fold learnt from; "
        f"{100 * results['intervals']['confidence']:g} % intervals by a bootstrap over patients. "
        "A new case is answered by the mean of all folds, which can only be tested on other "
        "patients.",
        "",
    ]
    for target, of_target in results["targets"].items():
        lines += _table(target, of_target, methods, results["modalities"])
        sentence = (of_target.get("verdict") or {}).get("sentence")
        if sentence:
            lines += [sentence, ""]
    return lines


def _table(
    target: str,
    of_target: Mapping[str, Any],
    methods: Sequence[str],
    modalities: Sequence[str],
) -> list[str]:
    metric = of_target["headline"]
    shown = [method for method in methods if method in of_target["methods"]]
    if not shown:
        return []
    availabilities = of_target["availabilities"]
    names = [availability_name(one, modalities) for one in availabilities]
    lines = [
        f"`{target}`, {headline_of(of_target['kind']).name}:",
        "",
        "| method | " + " | ".join([*names, "as they came"]) + " |",
        "|---|" + "--:|" * (len(names) + 1),
    ]
    for method in shown:
        entry = of_target["methods"][method]
        views = [*(entry["simulated"].get(one) for one in availabilities), entry["natural"]]
        cells = [with_interval(view["metrics"][metric]) if view else "-" for view in views]
        lines.append(f"| `{method}` | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _limits(results: Mapping[str, Any] | None, ids: Collection[str]) -> list[str]:
    lines = [
        "## Limits, bias and risks",
        "",
        "- Cross-validation within one cohort says nothing of other hospitals, scanners or times.",
        "- Probabilities are recalibrated on validation parts of the training cohort; where the "
        "outcome is more or less frequent, they are wrong.",
        "- Quantiles, categories and base rates of the training part are in the folder; single "
        "patients are not, but smallest and largest values of a column are those of somebody.",
    ]
    lines += [
        f"- {warning}"
        for warning in (results or {}).get("warnings", ())
        if not set(_NAMED.findall(warning)) & set(ids)
    ]
    return [*lines, f"- Groups in which it does worse: {_TO_FILL}"]
