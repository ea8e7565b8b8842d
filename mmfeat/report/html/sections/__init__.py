"""The parts of the page, each from its blocks of the results."""
