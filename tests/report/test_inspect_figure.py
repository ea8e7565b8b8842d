"""The page of a scan is a PNG file for every kind of scan, the same bytes for the same scan."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from mmfeat.quality import judge, measure
from mmfeat.quality.histogram import Histogram
from mmfeat.quality.pictures import LUNG_HU, Picture, orthogonal_pictures
from mmfeat.quality.wording import measured_lines
from mmfeat.report.inspect_figure import Page, draw_page
from mmfeat.volumes import ReadingNote, Volume

ROW_PIXELS = 617


@pytest.fixture(scope="module")
def page():
    affine = np.diag([-4.0, -4.0, 5.0, 1.0])[:, [2, 1, 0, 3]]
    hu = np.full((20, 50, 60), -1000, np.int16)
    hu[:, 10:40, 10:50] = np.random.default_rng(0).normal(40, 10, (20, 30, 40))
    volume = Volume(hu, affine, notes=(ReadingNote("derived", "$x_1$ & a long text " * 9),))
    facts = measure(volume)
    return Page(
        name="scan_1.nii.gz",
        verdict=judge(facts),
        facts=facts,
        histogram=Histogram.of(volume),
        as_read=orthogonal_pictures(volume, LUNG_HU),
        encoded=(),
        encoder_line="",
        fact_lines=measured_lines(facts),
    )


def _size(folder, page):
    draw_page(folder / "page.png", page)
    with Image.open(folder / "page.png") as image:
        assert image.format == "PNG"
        assert image.info.keys() <= {"dpi"}
        return image.size


def test_it_has_two_rows_of_slices_and_one_of_numbers(tmp_path, page):
    width, height = _size(tmp_path, page)
    assert 1500 < width < 2200
    assert height == pytest.approx(3 * ROW_PIXELS, rel=0.06)


def test_what_the_encoder_sees_is_a_row_more(tmp_path, page):
    colours = Picture("slice 2 of 3", np.zeros((8, 8, 3), np.float32), (0.0, 1.0), (1.0, 1.0))
    seen = dataclasses.replace(page, encoded=(colours,), encoder_line="x sees it: 3 windows")
    _, height = _size(tmp_path, seen)
    assert height == pytest.approx(4 * ROW_PIXELS, rel=0.06)


def test_an_encoder_that_sees_no_image_has_a_line(tmp_path, page):
    lines = dataclasses.replace(page, encoder_line="x sees it: numbers, not an image")
    _, height = _size(tmp_path, lines)
    assert height == pytest.approx(3 * ROW_PIXELS, rel=0.06)


def test_values_that_are_no_hounsfield_units_are_shown_once(tmp_path, page):
    facts = dataclasses.replace(
        page.facts, hu_doubt="a label map", air_hu=None, soft_tissue_hu=None
    )
    _, height = _size(tmp_path, dataclasses.replace(page, facts=facts, verdict=judge(facts)))
    assert height == pytest.approx(2 * ROW_PIXELS, rel=0.08)


def test_the_same_scan_gives_the_same_bytes(tmp_path, page):
    draw_page(tmp_path / "a.png", page)
    draw_page(tmp_path / "b.png", page)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
