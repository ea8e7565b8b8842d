"""Run the shares of a job on a cluster of Ray: an actor for each, with a process of its own."""
