"""Run the programs of Slurm, and turn what they refuse into one line."""

import re
import shutil
import subprocess
from collections.abc import Sequence

from mmfeat.errors import LaunchError, one_line

_PATIENCE_S = 60.0


def run_slurm(program: str, arguments: Sequence[str]) -> str:
    """Return what a program of Slurm writes to standard output.

    Args:
        program: Such as `sbatch`.
        arguments: Its words.

    Raises:
        LaunchError: It is not on this machine, refuses, or does not answer.
    """
    if shutil.which(program) is None:
        raise LaunchError(
            f"{program}: not found; run this on a login node of the cluster, where the programs of "
            "Slurm are on the PATH"
        )
    try:
        run = subprocess.run(
            [program, *arguments], capture_output=True, text=True, timeout=_PATIENCE_S
        )
    except subprocess.TimeoutExpired as error:
        raise LaunchError(
            f"{program}: no answer within {_PATIENCE_S:.0f} s; see with `sinfo` whether Slurm runs"
        ) from error
    if run.returncode:
        raise LaunchError(f"{program} refused: {_last_line(program, run.stderr)}")
    return run.stdout


def _last_line(program: str, said: str) -> str:
    """Return what a program said last, where it names the cause, and what to do about it."""
    last = (said.strip().splitlines() or ["no reason is given"])[-1]
    last = re.sub(rf"^{program}: (error|fatal): ", "", last)
    advice = next((f"; {advice}" for sign, advice in _ADVICE.items() if sign in said), "")
    return f"{one_line(RuntimeError(last))}{advice}"


_ADVICE = {
    "nvalid partition": "name one that `sinfo` lists, as `launch.slurm.partition`",
    "nvalid job array specification": (
        "more shards than this cluster takes in one array (`scontrol show config | grep "
        "MaxArraySize`); lower `launch.shards`"
    ),
    "nvalid account": "name one of yours as `launch.slurm.account` (`sacctmgr show associations`)",
    "nvalid qos": "name one of yours as `launch.slurm.qos` (`sacctmgr show associations`)",
    "node configuration is not available": (
        "no node has as much; lower `launch.slurm.cpus`, `memory` or `gres`, or name another "
        "`partition`"
    ),
    "time limit is invalid": "lower `launch.slurm.time` to what the partition allows (`sinfo`)",
    "nvalid generic resource": "name one that `sinfo -o %G` lists, as `launch.slurm.gres`",
    "ould not establish a configuration": "see with `sinfo` whether Slurm runs",
    "ontact slurm controller": "see with `sinfo` whether Slurm runs",
}
