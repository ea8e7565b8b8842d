"""Try what would be released: the wheel in an empty environment, and the demo outside the checkout.

    make release-check

Takes ten minutes and a gigabyte, most of it for torch in the build that constraints.txt names.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import mmfeat
from release.build import build, commit_time
from release.closure import PROJECT
from release.facts import disagreements

_SOME_FAILED = 3
"""Exit code of a run where some cases failed: two scans of the demo are broken on purpose."""


def main() -> int:
    """Do all of it; stop at the first thing that is not as it should be."""
    if wrong := disagreements(mmfeat.__version__):
        print("\n".join(wrong))
        return 1
    with tempfile.TemporaryDirectory(prefix="mmfeat-release-") as made:
        folder = Path(made)
        _, wheel = build(PROJECT, folder / "dist", epoch=commit_time(PROJECT))
        print(f"built {wheel.name}, {wheel.stat().st_size / 1e3:.0f} kB")
        python = _empty_environment(folder, wheel)
        _require_installed(python, folder)
        demo = folder / "demo-cohort"
        program = str(python.with_name("mmfeat"))
        _run([program, "demo", str(demo), "--n", "40"], folder)
        _run([program, "run", str(demo / "mmfeat.yaml")], folder, allowed=(0, _SOME_FAILED))
        results = json.loads((demo / "run" / "results.json").read_text(encoding="utf-8"))
    print(f"the demo ran outside the checkout: results of {', '.join(results['targets'])}")
    return 0


def _empty_environment(folder: Path, wheel: Path) -> Path:
    """Make an environment with nothing but the wheel and what it asks for; return its Python."""
    _run([sys.executable, "-m", "venv", str(folder / "environment")], folder)
    python = folder / "environment" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pins = str(PROJECT / "constraints.txt")
    _run([*install, "--requirement", pins], folder)
    _run([*install, "--constraint", pins, str(wheel)], folder)
    _run([str(python), "-m", "pip", "check"], folder)
    return python


def _require_installed(python: Path, folder: Path) -> None:
    """See that the program is the wheel's, and says the version."""
    said = _run([str(python), "-c", "import mmfeat; print(mmfeat.__file__)"], folder)
    if not Path(said.strip()).is_relative_to(folder):
        raise SystemExit(f"not the installed mmfeat: {said.strip()}")
    version = _run([str(python), "-m", "mmfeat", "--version"], folder).strip()
    if version != f"mmfeat {mmfeat.__version__}":
        raise SystemExit(f"the wheel says `{version}`, not {mmfeat.__version__}")


def _run(words: Sequence[str], folder: Path, *, allowed: Sequence[int] = (0,)) -> str:
    """Run a program in a folder without anything of this environment; return what it wrote."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    print("$", " ".join(words).replace(f"{folder}/", ""), flush=True)
    run = subprocess.run(words, cwd=folder, env=kept, capture_output=True, text=True)
    if run.returncode not in allowed:
        sys.stderr.write(run.stdout + run.stderr)
        raise SystemExit(f"ended with {run.returncode}")
    return run.stdout


if __name__ == "__main__":
    sys.exit(main())
