"""The two files of an evaluation that belong together: its numbers, and what they were made of."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmfeat.errors import EvalError
from mmfeat.provenance import sha256_of_file

RESULTS, PREDICTIONS = "results.json", "predictions.parquet"
SCHEMA = 1
"""Version of the layout of results.json; it grows when a reader would have to change."""


def check_schema(file: Path, results: Mapping[str, Any]) -> None:
    """See that results are as this version knows them.

    Raises:
        EvalError: They are of another version's schema.
    """
    made = results.get("schema", SCHEMA)
    if made != SCHEMA:
        raise EvalError(
            f"{file}: of schema {made}, and this version reads {SCHEMA}; use the version of mmfeat "
            "that made it, or run `mmfeat eval` again"
        )


def check_predictions(run: Path, results: Mapping[str, Any]) -> None:
    """See that the predictions in a run are those that its results were made of.

    Another evaluation that was killed between the two files leaves new ones beside old results.
    Results of earlier versions do not say what they were made of.

    Raises:
        EvalError: They are not.
    """
    known = results.get("provenance", {}).get("predictions", {}).get("sha256")
    if known is not None and known != sha256_of_file(run / PREDICTIONS):
        raise EvalError(
            f"{run / PREDICTIONS}: not what {RESULTS} beside it was made of, as after an "
            "evaluation that was stopped; run `mmfeat eval` again"
        )
