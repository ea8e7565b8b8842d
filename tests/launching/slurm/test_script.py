"""The scripts for sbatch, as text."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mmfeat.config.slurm import SlurmSettings
from mmfeat.errors import LaunchError
from mmfeat.launching.slurm.script import JobScripts

FOLDER = Path("/data/my study/jobs/100%")


def _directives(text: str) -> set[str]:
    return {line.removeprefix("#SBATCH --") for line in text.splitlines() if line[:7] == "#SBATCH"}


def test_every_setting_is_a_line_that_sbatch_reads(job_record):
    settings = SlurmSettings(
        partition="gpu",
        finish_partition="cpu",
        account="lab",
        qos="long",
        gres="gpu:1",
        cpus=8,
        memory="32G",
        time="12:00:00",
        stop_before_s=300,
        exclude="node7",
        max_at_once=2,
        sbatch=["--mail-type=END"],
    )
    scripts = JobScripts(job_record, FOLDER, settings)
    common = {
        'chdir="/data/my study"',
        "open-mode=append",
        "ntasks=1",
        "cpus-per-task=8",
        "mem=32G",
        "time=12:00:00",
        "account=lab",
        "qos=long",
        "exclude=node7",
        "mail-type=END",
    }
    assert _directives(scripts.submit()) == common | {
        "array=0-3%2",
        "job-name=mmfeat-20260301T080000Z-extract-3f2a",
        'output="/data/my study/jobs/100%%/logs/%a.log"',
        "partition=gpu",
        "gres=gpu:1",
        "signal=B:USR1@300",
        "requeue",
    }
    assert _directives(scripts.finish()) == common | {
        "job-name=mmfeat-20260301T080000Z-extract-3f2a-finish",
        'output="/data/my study/jobs/100%%/logs/finish.log"',
        "partition=cpu",
    }


def test_the_command_reaches_the_worker_word_by_word(job_record, tmp_path):
    settings = SlurmSettings(program=f'{sys.executable} -c "import sys; print(sys.argv[1:])"')
    scripts = JobScripts(job_record, tmp_path, settings)
    head, _, _ = scripts.submit().partition("\n# The number of the last task")
    run = subprocess.run(
        ["bash", "-c", f"{head}\nshard=3; state=/s/3.json; start_worker"],
        capture_output=True,
        text=True,
        check=True,
    )
    words = ["extract", "/data/my study/mmfeat.yaml", "--set", "extract.cache=it's $HOME"]
    words += ["--retry-failed", "--shard", "3/4", "--state", "/s/3.json"]
    assert run.stdout == f"{words}\n"


def test_the_last_command_has_its_own_options_alone(job_record, tmp_path):
    text = JobScripts(job_record, tmp_path, SlurmSettings()).finish()
    command = next(line for line in text.splitlines() if line.startswith("    exec"))
    assert command.startswith(f"    exec {sys.executable} -m mmfeat extract ")
    assert command.endswith('--finish --state "$job/state/finish.json"')
    assert "--retry-failed" not in text


def test_set_up_and_container_are_written_as_they_are(job_record, tmp_path):
    settings = SlurmSettings(
        setup=["module load apptainer", 'export DATA="$TMPDIR/x"'],
        container='apptainer exec --nv --bind "$TMPDIR" image.sif',
    )
    for text in (
        JobScripts(job_record, tmp_path, settings).submit(),
        JobScripts(job_record, tmp_path, settings).finish(),
    ):
        assert 'set +u\nmodule load apptainer\nexport DATA="$TMPDIR/x"\nset -u\n' in text
        assert '    exec apptainer exec --nv --bind "$TMPDIR" image.sif mmfeat extract ' in text


def test_a_step_of_srun_is_given_its_cores_and_signalled_through_slurm(job_record, tmp_path):
    settings = SlurmSettings(container="srun --container-image=image.sqsh", cpus=6)
    text = JobScripts(job_record, tmp_path, settings).submit()
    assert "export SRUN_CPUS_PER_TASK=6\n" in text
    assert "\nin_step=yes " in text


def test_a_command_that_is_not_cut_is_one_task_and_nothing_comes_after(job_record, tmp_path):
    record = replace(job_record, command="eval", n_shards=1, finish=None, options=())
    scripts = JobScripts(record, tmp_path, SlurmSettings())
    text = scripts.submit()
    assert "--array=0-0\n" in text
    assert "--shard" not in text
    assert "\ngoes_on=no " in text
    assert not scripts.in_shards


@pytest.mark.parametrize("folder", ['/data/"quoted"', "/data/$HOME", "/data/a\nb", "/data/a\\b"])
def test_paths_that_sbatch_would_read_otherwise_are_refused(job_record, folder):
    with pytest.raises(LaunchError, match=r"cannot be given to sbatch; choose another"):
        JobScripts(job_record, Path(folder), SlurmSettings()).submit()


def test_a_linter_has_nothing_to_say(job_record, tmp_path):
    settings = SlurmSettings(setup=["module load x"], container="apptainer exec image.sif")
    scripts = JobScripts(job_record, tmp_path, settings)
    for name, text in (("submit.sh", scripts.submit()), ("finish.sh", scripts.finish())):
        (tmp_path / name).write_text(text)
    linter = Path(sys.executable).with_name("shellcheck")
    found = subprocess.run(
        [linter, "--severity=warning", tmp_path / "submit.sh", tmp_path / "finish.sh"],
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stdout
