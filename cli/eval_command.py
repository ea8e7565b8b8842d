"""``mmfeat eval``: predictions, metrics with intervals, figures."""

from .console import ProgressBar, console, print_json
from .options import DEFAULT_CONFIG, AsJson, ConfigFile, Overrides
from .stoppable_progress import StoppableProgress
from .stopping import stop_requests


def evaluate(
    config: ConfigFile = DEFAULT_CONFIG, overrides: Overrides = None, as_json: AsJson = False
) -> None:
    """Evaluate the trained heads on the test parts, for every set of modalities.

    Shows AUROC, AUPRC, Brier score and calibration error with intervals, and
    comparisons on the same cases; writes predictions.parquet, results.json and
    figures to the run folder.

    Example: mmfeat eval mmfeat.yaml --set eval.resamples=5000
    """
    from mmfeat.config.loading import load_project
    from mmfeat.stages.evaluation.evaluate import evaluate as evaluate_project

    from .result_tables import show_results

    project = load_project(config, overrides or [])
    with stop_requests() as should_stop, ProgressBar() as bar:
        results = evaluate_project(project, progress=StoppableProgress(bar, should_stop))
    if as_json:
        print_json(results)
    else:
        show_results(console, results, project.path(project.settings.train.run))
