"""Train the heads of all methods, folds and seeds."""
