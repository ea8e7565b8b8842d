"""Run the shares of a job on this machine: a process for each GPU, or for each group of cores."""
