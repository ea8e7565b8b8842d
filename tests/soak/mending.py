"""Do what an error says, as a user would, until a command ends well."""

import re
import shutil
from pathlib import Path

from ..safety.programs import Ended
from .soaked_cohort import MENDABLE, STAGES, SoakedCohort

_MOST_TRIES = 12
_DELETE = re.compile(
    r"^error: (?P<path>/.*?): .*; (delete it|delete this file|move it out)\b", re.MULTILINE
)
_COMMAND = re.compile(r"run `mmfeat (?P<stage>extract|train|eval)\b[^`]*`")
_VANISHED = re.compile(r"no such file or folder .*\(found `(?P<cell>[^`]*)`\)")


def run_as_told(soaked: SoakedCohort, stage: str, *options: str, depth: int = 0) -> Ended:
    """Run a stage again and again, each time after what its error asks for.

    Raises:
        AssertionError: An error asks for nothing that can be done, or for too much.
    """
    assert depth < len(STAGES) + 1, "the errors send the user round in circles"
    for _ in range(_MOST_TRIES):
        ended = soaked.run(stage, *options)
        if ended.code != MENDABLE:
            return ended
        if delete := _DELETE.search(ended.err):
            _remove(Path(delete["path"]))
        elif vanished := list(_VANISHED.finditer(ended.err)):
            for one in vanished:
                _empty_cell(soaked, one["cell"])
        elif "train again with --overwrite" in ended.err and stage != "train":
            run_as_told(soaked, "train", "--overwrite", depth=depth + 1)
        elif "--overwrite" in ended.err:
            assert "--overwrite" not in options, f"--overwrite does not help: {ended.err}"
            options = (*options, "--overwrite")
        elif command := _COMMAND.search(ended.err):
            run_as_told(soaked, command["stage"], depth=depth + 1)
        else:
            raise AssertionError(f"an error that does not say what to do: {ended.err}")
    raise AssertionError(f"{stage} still does not end well: {ended.err}")


def _remove(path: Path) -> None:
    assert path.exists(), f"{path} is to be deleted, but is not there"
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _empty_cell(soaked: SoakedCohort, scan: str) -> None:
    manifest = soaked.cohort.manifest
    for name in soaked.cohort.volumes:
        manifest[name] = [
            ";".join(one for one in cell.split(";") if one != scan) for cell in manifest[name]
        ]
    soaked.cohort.write()
