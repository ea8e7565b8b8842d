"""Which way imports go: down the layers, never sideways, never up."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
LAYERS: dict[str, int] = {
    "cli": 7,
    "estimators": 7,
    "stages": 6,
    "data_manifests": 6,
    "report": 5,
    "demo": 5,
    "record_encoders": 5,
    "encoders": 4,
    "fusion": 4,
    "losses": 4,
    "metrics": 4,
    "calibration": 4,
    "embedding_checks": 4,
    "preprocessing": 3,
    "quality": 3,
    "feature_table": 3,
    "public_cohorts": 3,
    "manifest": 2,
    "volumes": 2,
    "tabular": 2,
    "cache": 2,
    "scratch_folder": 2,
    "weights_store": 2,
    "launching": 2,
    "config": 1,
    "provenance": 1,
    "progress": 1,
    "core_budget": 1,
    "memory_budget": 1,
    "stop_at_once": 1,
    "work_shard": 1,
    "remote": 1,
    "errors": 0,
    "process_identity": 0,
    "size_in_words": 0,
    "wording": 0,
    "torn_tensors": 0,
    "tensor_writing": 0,
    "disk_trouble": 0,
    "remote_path": 0,
}
SHIPPED_ELSEWHERE = ("cli", "data_manifests")
"""Folders at the top that are shipped as packages in mmfeat."""
SIBLINGS_ALLOWED = {
    ("fusion", "losses"),
    ("fusion", "metrics"),  # early stopping by the views' AUROC
    ("calibration", "metrics"),
}


def _owner(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] != "mmfeat":
        return None
    return parts[1] if len(parts) > 1 else None


def _imports() -> list[tuple[Path, str, str]]:
    found = []
    folders = ("mmfeat", *SHIPPED_ELSEWHERE)
    for file in [file for name in folders for file in PROJECT.glob(f"{name}/**/*.py")]:
        parts = file.relative_to(PROJECT).with_suffix("").parts
        owner = parts[0] if parts[0] in SHIPPED_ELSEWHERE else parts[1]
        for node in ast.walk(ast.parse(file.read_text())):
            modules = []
            if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                modules = [node.module]
                if node.module == "mmfeat":
                    modules = [f"mmfeat.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            found += [(file, owner, target) for name in modules if (target := _owner(name))]
    return found


def test_imports_go_down_the_layers_and_not_to_siblings():
    wrong = [
        f"{file.relative_to(PROJECT)}: {owner} imports {target}"
        for file, owner, target in _imports()
        if owner not in ("__main__", "__init__")
        and target != owner
        and (owner, target) not in SIBLINGS_ALLOWED
        and LAYERS[target] >= LAYERS[owner]
    ]
    assert wrong == []


def test_every_module_has_a_layer():
    names = {path.stem for path in (PROJECT / "mmfeat").iterdir() if path.suffix in ("", ".py")}
    names -= {"__init__", "__main__", "__pycache__", "py"}
    assert names <= set(LAYERS)


def test_only_the_cache_imports_h5py():
    users = {
        file.relative_to(PROJECT).parts[1]
        for file in PROJECT.glob("mmfeat/**/*.py")
        if "h5py" in _top_level_imports(file)
    }
    assert users == {"cache"}


def test_the_cache_does_not_know_torch():
    for file in PROJECT.glob("mmfeat/cache/*.py"):
        assert "torch" not in _top_level_imports(file), file


def _top_level_imports(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


HEAVY = {"torch", "monai", "pandas", "pydicom", "sklearn", "scipy", "h5py", "numpy"}


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["--help"], set()),
        (["extract", "--help"], set()),
        (["train", "--help"], set()),
        (["encoders", "list"], {"numpy"}),
    ],
)
def test_what_only_tells_loads_no_heavy_library(arguments, needed):
    code = (
        "import sys\n"
        f"sys.argv = ['mmfeat', *{arguments!r}]\n"
        "from mmfeat.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        f"print('LOADED', sorted({HEAVY - needed!r} & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "LOADED []"
