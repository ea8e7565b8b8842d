"""Have a job done by Slurm: one readable script for sbatch, and what Slurm says of its tasks."""
