"""The sheet is one file that asks for nothing, escapes what users write, and stays small."""

import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from mmfeat.quality import Finding
from mmfeat.quality.histogram import Histogram
from mmfeat.quality.pictures import Picture
from mmfeat.report.contact_sheet import SheetCase, SheetHeading, write_contact_sheet
from mmfeat.report.contact_sheet_thumbnail import histogram_outline, thumbnail

FINDINGS = (Finding("metal", "warn", "0.1 % of it"), Finding("oblique", "info", "by 12 degrees"))


class Tags(HTMLParser):
    """Collect every tag with its attributes, and require that all are closed."""

    VOID = ("meta", "input", "img")

    def __init__(self, text):
        super().__init__()
        self.found, self._open = [], []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID and not self.get_starttag_text().endswith("/>"):
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def all(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


def _pictures(seed=0):
    generator = np.random.default_rng(seed)
    shapes = {"axial": (512, 512), "coronal": (300, 512), "sagittal": (300, 512)}
    return [
        Picture(name, generator.normal(-300, 400, shape), (-1000.0, 500.0), (0.7, 0.7))
        for name, shape in shapes.items()
    ]


def _case(name="a", **changes):
    values = {
        "name": name,
        "modality": "ct",
        "source": f"scans/{name}.nii.gz",
        "standing": "warn",
        "reason": "",
        "findings": FINDINGS,
        "lines": {"size": "512 x 512 x 300 voxels of 0.7 x 0.7 x 1 mm", "noise": "12.0 HU"},
        "thumbnail": b"webp",
        "histogram": "M0 20V3h1V20z",
    }
    return SheetCase(**{**values, **changes})


def _unreadable(name, reason="cut short"):
    nothing = {"findings": (), "lines": {}, "thumbnail": None, "histogram": ""}
    return _case(name, standing="unreadable", reason=reason, **nothing)


def _written(folder, cases, codes=None):
    standings = {"unreadable": 1, "reject": 0, "warn": 1, "pass": 0}
    heading = SheetHeading(
        "Quality of a.csv", standings, codes or {"metal": 1, "oblique": 1}, "by us"
    )
    write_contact_sheet(folder / "sheet.html", heading, cases)
    return (folder / "sheet.html").read_text()


def test_it_asks_for_nothing_and_runs_nothing(tmp_path):
    text = _written(tmp_path, [_unreadable("x"), _case()])
    tags = Tags(text)
    assert not {"script", "link", "iframe"} & {name for name, _ in tags.found}
    addresses = [
        attributes[key]
        for _, attributes in tags.found
        for key in ("src", "href", "srcset", "action")
        if key in attributes
    ]
    assert all(address.startswith("data:image/webp;base64,") for address in addresses)
    assert not re.search(r"https?:|url\(|@import", text)
    assert not any(key.startswith("on") for _, attributes in tags.found for key in attributes)


def test_every_code_and_outcome_that_is_there_has_a_filter(tmp_path):
    text = _written(tmp_path, [_unreadable("x"), _case()])
    names = [attributes["id"] for attributes in Tags(text).all("input")]
    assert names == [
        "show-all",
        "show-is-unreadable",
        "show-is-warn",
        "show-has-metal",
        "show-has-oblique",
    ]
    assert "body:has(#show-has-metal:checked) .case:not(.has-metal) { display: none }" in text
    classes = [attributes["class"] for attributes in Tags(text).all("article")]
    assert classes == ["case is-unreadable", "case is-warn has-metal has-oblique"]


def test_it_keeps_the_order_it_is_given(tmp_path):
    text = _written(tmp_path, [_case(name) for name in ("zeta", "alpha", "mu")])
    assert re.findall(r"slice of (\w+)", text) == ["zeta", "alpha", "mu"]


def test_what_users_write_is_escaped(tmp_path):
    evil = '<script>alert("1")</script>&'
    cases = [
        _unreadable(evil, reason=evil),
        _case(evil, modality=evil, source=evil, findings=(Finding("metal", "warn", evil),)),
        _case("b", lines={evil: evil}),
    ]
    text = _written(tmp_path, cases)
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 9
    assert not Tags(text).all("script")


def test_it_is_light_and_dark_and_fits_a_telephone(tmp_path):
    text = _written(tmp_path, [_case()])
    assert "prefers-color-scheme: dark" in text
    assert 'content="width=device-width, initial-scale=1"' in text
    assert "max-width: 430px" in text


def test_two_thousand_scans_are_below_thirty_megabytes(tmp_path):
    pictures = [thumbnail(_pictures(seed)) for seed in range(3)]  # noise compresses worst
    outline = histogram_outline(Histogram(tuple(np.linspace(0, 0.02, 120)), 0, 0))
    lines = {f"name of a fact {k}": "300 mm top to bottom, 358 mm front to back" for k in range(16)}
    cases = [
        _case(f"case-{n}", thumbnail=pictures[n % 3], histogram=outline, lines=lines)
        for n in range(2000)
    ]
    _written(tmp_path, cases)
    assert (tmp_path / "sheet.html").stat().st_size < 30e6


def test_a_thumbnail_holds_three_pictures_at_one_scale_and_nothing_else():
    white = [
        Picture(name, np.full(shape, 500, np.int16), (-1000.0, 500.0), (1.0, 1.0))
        for name, shape in {"a": (100, 100), "c": (50, 100), "s": (50, 100)}.items()
    ]
    with Image.open(io.BytesIO(thumbnail(white))) as image:
        assert image.format == "WEBP"
        assert not {"exif", "xmp", "icc_profile"} & set(image.info)
        grey = np.asarray(image.convert("L"))
    assert grey.shape == (110, 336)
    columns = (grey > 128).sum(axis=0)
    assert columns[30:80].min() >= 108
    assert columns[150:200].tolist() == pytest.approx([55] * 50, abs=2)


@pytest.mark.parametrize("shape", [(1, 400), (400, 1), (1, 1)])
def test_the_strangest_pictures_have_a_thumbnail(shape):
    picture = Picture("axial", np.zeros(shape, np.int16), (-1000.0, 500.0), (1.0, 1.0))
    with Image.open(io.BytesIO(thumbnail([picture] * 3))) as image:
        assert image.width == 336
        assert image.height <= 128


def test_a_histogram_is_drawn_from_left_to_right_at_its_height():
    shares = (1.0, 0.25) + (0.0,) * 118
    outline = histogram_outline(Histogram(shares, 0, 0))
    assert outline.startswith("M0 20V0h1V20h1V20h1")
    assert outline.count("h1") == 60
    assert outline.endswith("V20z")
