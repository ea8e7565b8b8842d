"""The exit codes of every command."""

DONE = 0
"""All done."""
OUR_FAULT = 1
"""A fault of mmfeat."""
USER_CAN_MEND = 2
"""Settings, input or a missing file."""
SOME_FAILED = 3
"""Finished, but some cases failed; they are listed."""
NO_GAIN = 4
"""Finished, but `--require-gain` was given and fusion is not shown to beat its rivals."""
STOPPED = 75
"""Stopped by a signal with everything finished kept; the same command goes on."""
