"""Read YAML as people mean it: `no` is a word, `01` is a code, and a key stands once."""

import re
from collections.abc import Hashable
from typing import Any

import yaml

from mmfeat.errors import ConfigError, one_line

_WHOLE = r"(?:0|[1-9][0-9]*)"
_EXPONENT = r"(?:[eE][-+]?[0-9]+)"


class _Loader(yaml.SafeLoader):
    """Refuse a key that stands twice, and read plain words by the rules of YAML 1.2.

    NOTE: PyYAML follows YAML 1.1, where `no` is false, `010` is 8, `1:30` is 90, `1e-3` is a text
    and `2024-01-31` a date: labels and codes would then differ from the cells of the table.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                continue  # refused below, with its place
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key `{key}` stands here a second time; keep one",
                    problem_mark=key_node.start_mark,
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


for _kind, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", rf"[-+]?{_WHOLE}|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        rf"[-+]?(?:(?:{_WHOLE}\.[0-9]*|\.[0-9]+){_EXPONENT}?|{_WHOLE}{_EXPONENT}"
        r"|\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN",
        list("-+.0123456789"),
    ),
    ("merge", "<<", ["<"]),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}", re.compile(rf"^(?:{_pattern})$"), _first
    )


def parse_yaml(text: str, place: str) -> Any:  # noqa: ANN401 - anything YAML can hold
    """Return what a YAML text says, as plain Python values.

    Args:
        text: One YAML document.
        place: Where the text is from, the beginning of the message when it cannot be read.

    Raises:
        ConfigError: The text is not YAML; the message is one line with the number of the line.

    Example:
        >>> parse_yaml("{a: 1e-3, b: no, c: 01, d: [true, ~]}", "here")
        {'a': 0.001, 'b': 'no', 'c': '01', 'd': [True, None]}
    """
    try:
        return yaml.load(text, Loader=_Loader)  # _Loader is a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark is not None and "\n" in text.strip() else ""
        problem = error.problem or error.context or "cannot be read"
        hint = "; indent with spaces, not with tabs" if "'\\t'" in problem else ""
        raise ConfigError(f"{place}{where}: not valid YAML: {problem}{hint}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{place}: not valid YAML: {one_line(error)}") from error
