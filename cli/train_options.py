"""Options of training that stand for settings: `--methods a,b` is `--set train.methods=[a, b]`."""

from typing import Annotated

import typer

Methods = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,NAME", help="Methods to train side by side; `mmfeat methods` lists them."
    ),
]
Folds = Annotated[
    int | None, typer.Option(metavar="N", min=2, help="Folds of the cross-validation.")
]
Seeds = Annotated[
    int | None,
    typer.Option(
        metavar="N", min=1, help="Heads for each method and fold, of the seeds 0 to N - 1."
    ),
]
Grid = Annotated[
    str | None,
    typer.Option(
        metavar="'NAME=VALUE,VALUE;NAME=...'",
        help="Settings of networks to try out, in every combination; each fold takes the best on "
        "its validation part.",
    ),
]


def overrides_of(
    methods: str | None, folds: int | None, seeds: int | None, grid: str | None
) -> list[str]:
    """Return the settings that the options stand for, as `--set` takes them.

    Raises:
        ConfigError: A grid is not written as it should be.

    Example:
        >>> overrides_of("mmfeat,paper", None, 2, "epochs=5,9")
        ['train.methods=[mmfeat, paper]', 'train.seeds=[0, 1]', 'train.grid={epochs: [5, 9]}']
    """
    found = []
    if methods is not None:
        found.append(f"train.methods=[{', '.join(_parts(methods, ','))}]")
    if folds is not None:
        found.append(f"cohort.split.folds={folds}")
    if seeds is not None:
        found.append(f"train.seeds={list(range(seeds))}")
    if grid is not None:
        found.append(f"train.grid={{{', '.join(_axes(grid))}}}")
    return found


def _axes(grid: str) -> list[str]:
    from mmfeat.errors import ConfigError

    axes = []
    for axis in _parts(grid, ";"):
        name, sign, values = axis.partition("=")
        if not sign or not name.strip() or not _parts(values, ","):
            raise ConfigError(
                f"--grid: `{axis}` must be NAME=VALUE,VALUE, such as "
                "'learning_rate=1e-4,1e-3;dropout=0.1,0.3'"
            )
        axes.append(f"{name.strip()}: [{', '.join(_parts(values, ','))}]")
    return axes


def _parts(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]
