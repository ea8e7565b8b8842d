"""Networks, and how a frozen one is run."""
