"""Run ``python -m mmfeat``, the same program as ``mmfeat``."""

from mmfeat.cli.main import main  # type: ignore[import-not-found]  # cli/ is shipped as mmfeat.cli

if __name__ == "__main__":
    main()
