"""Find the place in the settings that pydantic means by the location of an error."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from mmfeat.config.base import StrictModel
from mmfeat.config.settings import Settings


@dataclass(frozen=True)
class SettingPlace:
    """Name a place in the settings."""

    path: str
    """The dotted key as a user writes it, such as `modalities.ct.columns.age.unit`."""
    holder: type[StrictModel] | None
    """The group of settings in which the last key stands; None when it stands under a free name."""
    tags: tuple[str, ...] = ()
    """Where one of several groups belongs here: the values of `kind` or `type` that choose one."""


def locate(location: Sequence[str | int], root: type[StrictModel] = Settings) -> SettingPlace:
    """Follow a location through the settings, leaving out what is no key of the user's.

    pydantic's locations also name the chosen member of a union, for example
    ``("cohort", "targets", "cancer", "binary", "colum")``.

    Example:
        >>> locate(("cohort", "targets", "cancer", "binary", "colum")).path
        'cohort.targets.cancer.colum'
        >>> locate(("train", "seeds", 0)).path
        'train.seeds[0]'
    """
    path, holder = "", None
    options: list[Any] = [root]
    for step in location:
        models = [option for option in options if _is_model(option)]
        if len(models) > 1:
            options = [model for model in models if step in _tags(model)]
        elif models:
            holder = models[0]
            field = holder.model_fields.get(str(step))
            path = f"{path}.{step}" if path else str(step)
            options = _members(field.annotation) if field is not None else []
        elif step == "[key]":
            continue
        elif any(get_origin(option) is dict for option in options):
            path, holder = f"{path}.{step}", None
            options = [
                member
                for option in options
                if get_origin(option) is dict
                for member in _members(get_args(option)[1])
            ]
        elif isinstance(step, int):
            path, holder = f"{path}[{step}]", None
            options = [
                member
                for option in options
                if get_origin(option) is list
                for member in _members(get_args(option)[0])
            ]
    tags = [tag for option in options if _is_model(option) for tag in _tags(option)]
    return SettingPlace(path, holder, tuple(tags) if len(tags) > 1 else ())


def _members(annotation: Any) -> list[Any]:  # noqa: ANN401 - a type, in all its spellings
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [member for option in get_args(annotation) for member in _members(option)]
    return [annotation]


def _is_model(option: Any) -> bool:  # noqa: ANN401 - a type, in all its spellings
    return isinstance(option, type) and issubclass(option, StrictModel)


def _tags(model: type[StrictModel]) -> tuple[str, ...]:
    """Return the values of the field, `kind` or `type`, that choose this model."""
    first = next(iter(model.model_fields.values())).annotation
    return get_args(first) if get_origin(first) is Literal else ()
