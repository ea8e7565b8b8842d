"""What results are to be read with caution for: gaps in the data, groups, and the embeddings."""

from typing import Any

from mmfeat.report.embeddings import EMBEDDINGS_NOTE
from mmfeat.report.groupings import Grouping
from mmfeat.report.missing_modalities import MISSING_MODALITIES_NOTE, missing_modalities_block
from mmfeat.report.missingness import MISSINGNESS_NOTE
from mmfeat.report.subgroups import SUBGROUPS_NOTE
from mmfeat.stages.evaluation.embeddings import embeddings_of
from mmfeat.stages.evaluation.evaluation import Evaluation
from mmfeat.stages.evaluation.missingness import missingness_of
from mmfeat.stages.evaluation.subgroups import subgroups_of


def add_cautions(
    results: dict[str, Any], evaluation: Evaluation, groupings: tuple[Grouping, ...]
) -> None:
    """Put the blocks, their notes, and warnings of embeddings into the results.

    Args:
        results: The results so far, with all targets.
        evaluation: What they are made from.
        groupings: Ways to divide the cohort's cases.
    """
    progress = evaluation.progress
    progress.start("gaps and groups", len(results["targets"]))
    for target, of_target in results["targets"].items():
        of_target["missing_modalities"] = missing_modalities_block(
            evaluation.views_of(target),
            modalities=list(evaluation.settings.modalities),
            shares=evaluation.settings.eval.missing_modalities,
            options=evaluation.options,
        )
        of_target["missingness"] = missingness_of(evaluation, target)
        of_target["subgroups"] = subgroups_of(evaluation, target, groupings)
        progress.advance(note=target)
    results["embeddings"], warnings = embeddings_of(evaluation)
    results["warnings"] += warnings
    results["notes"] += [MISSING_MODALITIES_NOTE, MISSINGNESS_NOTE, SUBGROUPS_NOTE, EMBEDDINGS_NOTE]
