
# The number of the last task is that of the whole array, so it must not be named by that alone.
task=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
shard=$SLURM_ARRAY_TASK_ID
state=$job/state/$shard.json
stalled_file=$job/state/$shard.stalled
asked=no
worker=

say() { echo "== $(date --utc +%FT%TZ) shard $shard of $n_shards: $1"; }

ask_to_stop() {
    [[ -n $worker ]] || return 0
    if [[ $in_step = yes ]]; then # srun would kill what it is asked to end
        scancel --signal=TERM "$task" || true
    else
        kill -TERM "$worker" 2>/dev/null || true
    fi
}

# Steps (scans, heads) that the worker has finished since it began.
steps_done() {
    local count
    count=$(sed -n 's/^ *"n_done": *\([0-9][0-9]*\),*$/\1/p' "$state" 2>/dev/null || true)
    echo "${count:-0}"
}

# Have this shard done again, here or by another task, unless that has helped nothing before.
begin_again() {
    local stalled=0 again
    [[ ! -f $stalled_file ]] || stalled=$(<"$stalled_file")
    stalled=$((stalled + 1))
    if [[ $goes_on = yes ]] && (($(steps_done) > 0)); then stalled=0; fi
    echo "$stalled" >"$stalled_file"
    if ((stalled > restarts)); then
        say "$1; $stalled starts in a row made no step forward, so it is left as it is"
    elif scontrol requeue "$task"; then
        say "$1; requeued, to go on from there"
    elif again=$(sbatch --parsable --array="$shard" \
        --dependency="afterany:$task" "$job/submit.sh"); then
        say "$1; this cluster lets no task requeue itself, so it is submitted again, as $again"
    else
        say "$1; it could neither be requeued nor submitted again: \`mmfeat jobs retry\` does"
    fi
}

# USR1 comes some time before the time limit, to this shell alone: the worker is asked to stop.
# TERM comes when Slurm ends the task (cancelled, preempted, requeued), to all of its processes, the
# worker among them; a preempted task is requeued by Slurm itself.
trap 'asked=time_limit; woken=yes; ask_to_stop' USR1
trap 'asked=end; woken=yes' TERM

say "task $task on $(hostname), start $((${SLURM_RESTART_COUNT:-0} + 1))"
rm -f "$state" # of the start before, so that its steps are not counted as those of this one
start_worker &
worker=$!
[[ $asked != time_limit ]] || ask_to_stop
woken=yes
code=0
while [[ $woken = yes ]]; do # a signal ends `wait` before the worker has ended
    woken=no
    code=0
    wait "$worker" || code=$?
done

# 0: done. 3: done, but for cases that failed. 4: evaluated, and no gain. 75: stopped.
# 2: the user must mend something. 126, 127: the shell found no program. Else: killed, or crashed.
case $asked:$code in
    *:0 | *:3 | *:4) rm -f "$stalled_file" ;;
    *:2 | *:126 | *:127 | end:*) ;;
    time_limit:75)
        if [[ $goes_on = yes ]]; then
            begin_again "stopped before the time limit"
        else
            say "stopped before the time limit; it cannot go on from there, so give it more time"
        fi
        ;;
    *:75) say "stopped by a signal; \`mmfeat jobs retry\` goes on from there" ;;
    *) begin_again "the worker ended with code $code" ;;
esac
say "ended with code $code"
exit "$code"
