"""Examine what an extraction needs: machine, weights, disk, cohort."""
