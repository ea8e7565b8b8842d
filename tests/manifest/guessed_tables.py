"""A small table for the tests of guessing, and columns to add to it."""

import numpy as np

N_ROWS = 60


def mixed(*values):
    """Give the values to as many rows each, in an order of their own."""
    generator = np.random.default_rng(sum(map(ord, "".join(values))))
    cells = [values[row % len(values)] for row in range(N_ROWS)]
    return [cells[row] for row in generator.permutation(N_ROWS)]


def small_table(**more):
    """A table with what is needed, and more."""
    rows = range(N_ROWS)
    return {
        "case_id": [f"c{row}" for row in rows],
        "patient_id": [f"p{row // 2}" for row in rows],
        "cancer": mixed("0", "1", "0"),
        "age": [str(40 + 7 * row % 41) for row in rows],
        **more,
    }
