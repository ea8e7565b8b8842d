import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.config.yaml_text import parse_yaml
from mmfeat.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("01", "01"),
        ("010", "010"),
        ("0", 0),
        ("-12", -12),
        ("0x1F", 31),
        ("1:30", "1:30"),
        ("2024-01-31", "2024-01-31"),
        ("1e-3", 0.001),
        ("1.5E+2", 150.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("1_000", "1_000"),
        (".inf", float("inf")),
        ("~", None),
        ("", None),
        ("null", None),
        ("'1'", "1"),
    ],
)
def test_plain_words_are_read_by_the_rules_of_yaml_1_2(text, value):
    read = parse_yaml(f"{{a: {text}}}", "here")["a"]
    assert read == value
    assert type(read) is type(value)


def _is_no_number(text):
    """PyYAML writes texts such as 0E0 without quotes, which are numbers only in YAML 1.2."""
    try:
        float(text)
    except ValueError:
        return True
    return False


_TEXTS = st.text().filter(_is_no_number)
_PLAIN_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner),
    max_leaves=8,
)


@given(_PLAIN_VALUES)
def test_what_pyyaml_writes_is_read_as_it_was(value):
    assert parse_yaml(yaml.safe_dump(value), "here") == value


def test_anchors_and_merges_work():
    text = "base: &base {a: 1, b: 2}\nmore: {<<: *base, b: 3}\n"
    assert parse_yaml(text, "here")["more"] == {"a": 1, "b": 3}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", r"^run\.yaml, line 3: .*the key `a` stands here a second time"),
        ("a:\n  b: {c: 1,\n  c: 2}\n", r"line 3: .*key `c` stands here a second time"),
        ("a:\n\tb: 1\n", r"line 2: .*indent with spaces, not with tabs$"),
        ("a: [1,\nb: 2\n", r"line 3: not valid YAML: "),
        ("a: b: c", r"^run\.yaml: not valid YAML: mapping values are not allowed here$"),
        ("a: 1\n? [x]\n: 2\n", r"line 2: .*unhashable key"),
        ("a: 1\n---\nb: 2\n", r"line 2: .*another document"),
        ("a: \x07", r"special characters are not allowed"),
        ("a: !!python/object:os.system {}", r"could not determine a constructor"),
        (f"a: {'9' * 5000}", r"not valid YAML: Exceeds the limit"),
    ],
)
def test_what_is_not_yaml_is_told_in_one_line_with_its_number(text, message):
    with pytest.raises(ConfigError, match=message) as caught:
        parse_yaml(text, "run.yaml")
    assert "\n" not in str(caught.value)
