"""What Slurm calls the parts of a job; by these names they are found again, however resubmitted."""

from mmfeat.launching.job_folder import FINISH, JobRecord


def tasks_name(record: JobRecord) -> str:
    """Return the name of the tasks that do the shards."""
    return f"mmfeat-{record.job}"


def finish_name(record: JobRecord) -> str:
    """Return the name of the job that comes after all of them."""
    return f"mmfeat-{record.job}-{FINISH}"
