"""Load a project: its settings, checked, and the folder that their paths are relative to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

from pydantic import ValidationError

from mmfeat.config.messages import in_lines, setting_faults
from mmfeat.config.overrides import apply_overrides
from mmfeat.config.settings import Settings
from mmfeat.config.yaml_text import parse_yaml
from mmfeat.errors import ConfigError, one_line
from mmfeat.remote_path import AnyPath, RemotePath, without_password


@dataclass(frozen=True)
class Project:
    """Hold the settings and where they were read from."""

    settings: Settings
    file: Path
    """The settings file, absolute."""

    @property
    def folder(self) -> Path:
        """The folder of the settings file."""
        return self.file.parent

    @overload
    def path(self, relative: str | Path) -> Path: ...
    @overload
    def path(self, relative: RemotePath) -> RemotePath: ...
    def path(self, relative: str | AnyPath) -> AnyPath:
        """Return a path of the settings: relative to the settings file, or absolute as it is."""
        if isinstance(relative, RemotePath):
            return relative
        return self.folder / Path(relative).expanduser()


def load_project(file: Path, overrides: Sequence[str] = ()) -> Project:
    """Read and check a settings file.

    Args:
        file: YAML file.
        overrides: Settings that take the place of the file's, each ``KEY=VALUE`` with a dotted key
            and a value in YAML.

    Raises:
        ConfigError: The file cannot be read, or settings are wrong; the message names them all.
    """
    content = _read(file)
    given = apply_overrides(content, overrides)
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        faults = [fault.line + _origin(fault.path, given) for fault in setting_faults(error)]
        raise ConfigError(in_lines(str(file), faults)) from error
    return Project(settings=settings, file=file.absolute())


def _read(file: Path) -> dict[Any, Any]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(
            f"{file}: no such file; name your settings file, or write one with "
            "`mmfeat init --manifest table.csv`"
        ) from error
    except IsADirectoryError as error:
        inside = sorted(path.name for path in file.iterdir() if path.suffix in (".yaml", ".yml"))
        advice = f"; did you mean `{file / inside[0]}`?" if inside else "; name a YAML file"
        raise ConfigError(f"{file}: is a folder{advice}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not a text in UTF-8; save it as YAML in UTF-8") from error
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {one_line(error)}") from error
    content = parse_yaml(text, str(file))
    if content is None:
        raise ConfigError(
            f"{file}: is empty; `mmfeat init --manifest table.csv` writes settings to begin with"
        )
    if not isinstance(content, dict):
        raise ConfigError(
            f"{file}: must hold the sections {', '.join(Settings.model_fields)}, each `name:` with "
            f"indented lines under it; found a {type(content).__name__}"
        )
    return content


def _origin(path: str, given: Mapping[str, str]) -> str:
    for key, override in given.items():
        if path == key or path.startswith((f"{key}.", f"{key}[")):
            return f" (given by --set {without_password(override)})"
    return ""
