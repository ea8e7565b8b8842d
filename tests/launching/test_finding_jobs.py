"""Finding a job by what it is called."""

import pytest

from mmfeat.errors import LaunchError
from mmfeat.launching.command_line import StageCall
from mmfeat.launching.finding_jobs import find_job, is_job_folder
from mmfeat.launching.job_folder import JobFolder


@pytest.fixture
def jobs(project):
    calls = [StageCall(command, project.file) for command in ("extract", "train")]
    return [
        JobFolder.create(project, call, launcher="local", n_shards=1, launch={}, finish=())
        for call in calls
    ]


def test_a_whole_name_or_a_part_that_no_other_has_is_enough(project, jobs):
    for job in jobs:
        name = job.record.job
        assert find_job(project, name).record == job.record
        assert find_job(project, name.partition("Z-")[2]).record == job.record


def test_a_part_that_several_have_is_refused_with_their_names(project, jobs):
    names = ", ".join(job.record.job for job in jobs)
    with pytest.raises(LaunchError, match=f"several jobs in .* are called so: {names}; give more"):
        find_job(project, "2")


def test_a_name_that_no_job_has_is_refused_with_the_newest(project, jobs):
    with pytest.raises(
        LaunchError, match=f"no job is called so .* newest there: {jobs[1].path.name}"
    ):
        find_job(project, "nothing")


def test_where_there_are_none_it_says_so(project):
    with pytest.raises(LaunchError, match="which has none yet"):
        find_job(project, "any")


def test_a_folder_of_a_job_is_known_as_one(project, jobs):
    assert is_job_folder(jobs[0].path)
    assert not is_job_folder(project.folder)
