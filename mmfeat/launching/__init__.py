"""Have the shares of a stage done by several processes: commands, job folders, launchers."""
