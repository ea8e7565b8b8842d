"""Read a recipe file: YAML, checked, with every fault in a user's words."""

from pathlib import Path

from pydantic import ValidationError

from mmfeat.config.encoder_recipe import EncoderRecipeSettings
from mmfeat.config.messages import in_lines, setting_faults
from mmfeat.config.yaml_text import parse_yaml
from mmfeat.errors import ConfigError, one_line


def load_recipe_file(file: Path) -> EncoderRecipeSettings:
    """Read and check a recipe file.

    Raises:
        ConfigError: It cannot be read, or something in it is wrong; the message names all faults.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(
            f"{file}: no such recipe file; correct `recipe_file`, or take one of those that "
            "`mmfeat encoders recipes` lists"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{file}: no recipe file in YAML and UTF-8 ({one_line(error)}); correct `recipe_file`"
        ) from error
    content = parse_yaml(text, str(file))
    if not isinstance(content, dict):
        raise ConfigError(
            f"{file}: must hold {', '.join(EncoderRecipeSettings.model_fields)}; found a "
            f"{type(content).__name__}; `mmfeat encoders recipes` lists examples"
        )
    try:
        return EncoderRecipeSettings.model_validate(content)
    except ValidationError as error:
        faults = [fault.line for fault in setting_faults(error, EncoderRecipeSettings)]
        raise ConfigError(in_lines(str(file), faults)) from error
