"""Read the settings that lie beside the weights of a published model, as JSON."""

import json
from pathlib import Path
from typing import Any

from mmfeat.errors import EncoderError, one_line


def read_model_settings(file: Path, *, advice: str, of: type = dict) -> Any:  # noqa: ANN401 - JSON
    """Return what a file of a model's folder holds.

    Args:
        file: The file.
        advice: What the settings have to name, for whoever named a folder without it.
        of: What it has to hold: a dictionary, or a list.

    Raises:
        EncoderError: It is missing, cannot be read, or holds something else.
    """
    try:
        content = json.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise EncoderError(f"{file}: no such file; {advice}") from error
    except (OSError, ValueError) as error:
        raise EncoderError(f"{file}: cannot be read ({one_line(error)})") from error
    if not isinstance(content, of):
        raise EncoderError(f"{file}: holds no settings; download it again")
    return content
