"""Settings of jobs on a Slurm cluster."""

import pytest
from pydantic import ValidationError

from mmfeat.config.slurm import SlurmSettings, time_limit_s


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 5400),
        ("90:30", 5430),
        ("12:00:00", 43200),
        ("2-00", 172800),
        ("2-12:30", 217800),
        ("1-0:0:5", 86405),
        ("UNLIMITED", None),
    ],
)
def test_time_limits_are_read_as_slurm_reads_them(text, seconds):
    assert time_limit_s(text) == seconds
    assert SlurmSettings(time=text).time == text


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"time": "12 hours"}, r"`12 hours` is no time of Slurm, such as `90` \(minutes\)"),
        ({"time": "1", "stop_before_s": 60}, "stop_before_s: 60 s is no less than the time limit"),
        ({"partition": "gpu cpu"}, "must be one word as sbatch takes it"),
        ({"account": "a\n#SBATCH --uid=0"}, "must be one word as sbatch takes it"),
        ({"gres": "gpu:$N"}, "must be one word as sbatch takes it"),
        ({"setup": ["module load a\nrm -r x"]}, "must be one line of text; write several lines"),
        ({"container": "apptainer\nexec"}, "must be one line of text"),
        ({"sbatch": ["mail-type=END"]}, "must be an option of sbatch, such as `--mail-type=END`"),
        ({"sbatch": ["--comment=a\nb"]}, "must be one line of text"),
    ],
)
def test_what_sbatch_or_a_shell_would_read_otherwise_is_refused(settings, message):
    with pytest.raises(ValidationError, match=message):
        SlurmSettings(**settings)
