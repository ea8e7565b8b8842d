"""The command line, shipped as ``mmfeat.cli``."""
