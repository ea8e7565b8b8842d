
# Tasks that could not be requeued were submitted again: whoever comes after all waits for them too.
later=$(squeue --noheader --name="$name" --format=%A | sort -u | paste -sd:)
if [[ -n $later ]]; then
    again=$(sbatch --parsable --dependency="afterany:$later" "$job/finish.sh")
    echo "== $(date --utc +%FT%TZ) finish: $later are still to end; submitted again, as $again"
    exit 0
fi

echo "== $(date --utc +%FT%TZ) finish: task $SLURM_JOB_ID on $(hostname)"
start_worker
