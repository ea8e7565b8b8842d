"""Write settings for a table that nobody has described yet."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmfeat.config.template import GuessedSettings, settings_text
from mmfeat.errors import ConfigError, one_line
from mmfeat.manifest.guessed_missing import READ_AS_MISSING
from mmfeat.manifest.guessing import guess_settings
from mmfeat.manifest.reading import read_manifest
from mmfeat.provenance import written_atomically


@dataclass(frozen=True)
class InitReport:
    """Tell what was guessed and where it was written."""

    file: Path
    n_rows: int
    guessed: GuessedSettings

    @property
    def n_doubtful(self) -> int:
        """Number of lines with `# check:`."""
        return sum(guess.doubtful for _, _, guess in self.guessed.named())


def write_settings(
    manifest: Path, output: Path, *, targets: Sequence[str] = (), overwrite: bool = False
) -> InitReport:
    """Look at a table and write commented settings for it.

    Args:
        manifest: The table.
        output: Settings file to write; the table's path in it is relative to its folder.
        targets: Columns to predict; guessed when none is given.
        overwrite: Replace the file if it is there.

    Raises:
        ConfigError: The file is there already, or cannot be written.
        CohortError: The table cannot be read, or has nothing to begin with.
    """
    if output.exists() and not overwrite:
        raise ConfigError(f"{output}: is there already; pass --overwrite to replace it")
    if output.suffix.lower() not in (".yaml", ".yml"):
        raise ConfigError(f"{output}: settings are YAML; give the name an ending of .yaml")
    frame = read_manifest(manifest, READ_AS_MISSING)
    guessed = guess_settings(frame, folder=manifest.parent, targets=targets)
    relative = Path(os.path.relpath(manifest.absolute(), output.absolute().parent)).as_posix()
    origin = f"{manifest.name} ({len(frame)} rows, {len(frame.columns)} columns)"
    text = settings_text(guessed, manifest=relative, origin=origin)
    try:
        with written_atomically(output) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{output}: cannot be written: {one_line(error)}") from error
    return InitReport(output, len(frame), guessed)
