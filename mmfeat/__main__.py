"""Run ``python -m mmfeat``, the same program as ``mmfeat``."""

from mmfeat.cli.main import main

if __name__ == "__main__":
    main()
