import os
import subprocess
import sys

import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion.stacked.compiling import compiler_errors


def _compare(folder, backend, **variables):
    return subprocess.run(
        [sys.executable, "-m", "tests.fusion.stacked.compiled_stack", backend],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TORCHINDUCTOR_CACHE_DIR": str(folder), **variables},
    )


@pytest.mark.slow
def test_compiled_steps_make_the_same_heads_although_one_leaves_early(tmp_path):
    ended = _compare(tmp_path, "aot_eager")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert float(ended.stdout) < 1e-10


@pytest.mark.slow
def test_without_a_compiler_it_is_told_in_a_line_how_to_do_without(tmp_path):
    ended = _compare(tmp_path, "inductor", CXX="no-such-compiler")
    assert ended.returncode == 2, ended.stdout + ended.stderr
    (line,) = ended.stdout.splitlines()
    assert line.startswith("error: torch's compiler failed (")
    assert line.endswith("set `train.compile: false`, which gives the same numbers")


def test_what_is_not_the_compilers_gets_through():
    with pytest.raises(RuntimeError, match="out of memory"), compiler_errors():
        raise RuntimeError("out of memory")
    with pytest.raises(TrainError, match="no gradient"), compiler_errors():
        raise TrainError("no gradient")
