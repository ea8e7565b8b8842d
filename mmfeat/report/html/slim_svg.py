"""What matplotlib writes as SVG, in the colours of the page and a third as large."""

import re
from xml.etree import ElementTree as ET

from mmfeat.report.html.colours import STYLE_NAMES

SVG = "http://www.w3.org/2000/svg"
_LINK = "{http://www.w3.org/1999/xlink}href"
_DROPPED = ("metadata", "style")
_PLACES = ("d", "x", "y", "transform", "points")
_NUMBER = re.compile(r"-?\d+\.\d+")
_KEPT_ON_USE = ("x", "y", "href", "transform")


def clean(root: ET.Element) -> None:
    """Turn styles to attributes and stand-ins to the page's colours; drop what says nothing.

    No element has a style of its own then, so the page's policy can forbid them all.
    """
    for parent in root.iter():
        for child in list(parent):
            if _name(child) in _DROPPED:
                parent.remove(child)
        parent.text, parent.tail = (parent.text or "").strip() or None, None
        for declaration in parent.attrib.pop("style", "").split(";"):
            _set_style(parent, *(part.strip() for part in declaration.partition(":")[::2]))
        if _LINK in parent.attrib:
            parent.set("href", parent.attrib.pop(_LINK))
        parent.attrib.pop("font-family", None)  # the page's own
        if parent.get("transform", "").startswith("rotate(-0 "):
            del parent.attrib["transform"]
        for key in _PLACES:
            if key in parent.attrib:
                short = _NUMBER.sub(_shortened, parent.attrib[key])
                parent.set(key, " ".join(short.split()))


def slim(root: ET.Element) -> None:
    """Drop what draws nothing, and say once what a group's copies have in common."""
    for child in list(root):
        slim(child)
        if _draws_nothing(child):
            root.remove(child)
    uses = [child for child in root if _name(child) == "use"]
    if _name(root) == "g" and len(uses) > 1:
        _hoist(root, uses)
    at = 0
    while at < len(root):
        child = root[at]
        if _name(child) == "g" and not child.attrib:  # a group that groups nothing
            root.remove(child)
            for offset, inner in enumerate(list(child)):
                root.insert(at + offset, inner)
            at += len(child)
        else:
            at += 1


def _hoist(group: ET.Element, uses: list[ET.Element]) -> None:
    for key, value in list(uses[0].attrib.items()):
        if key in _KEPT_ON_USE or key in group.attrib or len(uses) < len(group) - 2:
            continue
        if all(use.get(key) == value for use in uses):
            group.set(key, value)
            for use in uses:
                del use.attrib[key]


def _draws_nothing(element: ET.Element) -> bool:
    if _name(element) in ("g", "defs"):
        return not len(element) and not element.get("id")
    is_empty = element.get("fill") == "none" and "stroke" not in element.attrib
    return _name(element) == "path" and is_empty


def _name(element: ET.Element) -> str:
    return element.tag.removeprefix(f"{{{SVG}}}")


def _set_style(element: ET.Element, name: str, value: str) -> None:
    if name == "font":
        size = re.search(r"([\d.]+)px", value)
        element.set("font-size", size[1] if size else "10")
    elif name:
        stand_in = STYLE_NAMES.get(value.lower())
        element.set(name, f"var({stand_in})" if stand_in else value)


def _shortened(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")
