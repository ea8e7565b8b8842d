"""The page as a text: whole, self-contained, escaped, and honest about what is not there."""

import json
import re
import shutil
from html.parser import HTMLParser

import pytest

from mmfeat.errors import EvalError
from mmfeat.report.html import REPORT, write_report

from .hostile_cohort import IMAGE, SCRIPT, STYLE

_VOID = {"meta", "img", "br", "input", "link"}
_SVG_LEAVES = {"path", "use", "rect", "line", "circle"}


class _Tags(HTMLParser):
    """Collect elements, and check that they are closed in order."""

    def __init__(self):
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def _tags(text):
    tags = _Tags()
    tags.feed(text)
    tags.close()
    assert tags.open == []
    return tags.found


@pytest.fixture(scope="module")
def page(hostile_run):
    return (hostile_run / REPORT).read_text(encoding="utf-8")


def test_every_element_is_closed_and_no_id_is_there_twice(page):
    ids = [attributes["id"] for _, attributes in _tags(page) if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_links_lead_to_parts_of_the_page(page):
    found = _tags(page)
    ids = {attributes.get("id") for _, attributes in found}
    links = {attributes["href"] for tag, attributes in found if tag == "a"}
    assert len(links) > 20
    assert {link[1:] for link in links} <= ids


def test_nothing_is_loaded_from_anywhere(page):
    for tag, attributes in _tags(page):
        assert tag not in ("link", "iframe", "object", "embed", "base")
        source = attributes.get("src") or ""
        assert source.startswith("data:") or not source
    assert not re.search(r"url\((?!#)", page)
    assert len(page.encode()) < 5_000_000


def test_only_the_pages_own_script_and_style_may_run(page):
    found = _tags(page)
    (policy,) = [a["content"] for _, a in found if a.get("http-equiv")]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert sum(tag == "script" for tag, _ in found) == 1
    assert sum(tag == "style" for tag, _ in found) == 1
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]
    assert not [attributes for _, attributes in found if "style" in attributes]


@pytest.mark.parametrize("name", [SCRIPT, IMAGE, STYLE])
def test_names_of_users_are_escaped_wherever_they_stand(page, name):
    assert name not in page
    assert name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")[
        :20
    ] in page.replace("&#34;", '"').replace("&#39;", "'").replace("&quot;", '"')


def test_the_verdict_comes_first_and_every_part_is_there(page):
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", page)
    assert headings[:4] == ["Verdict", "Cohort", "cancer", "stage"]
    assert headings[-3:] == ["How the numbers were made", "Provenance", "TRIPOD+AI and CLAIM"]
    parts = re.findall(r"<h3[^>]*>([^<]*)</h3>", page)
    wanted = ["Performance", "What beats what", "ROC and precision", "Calibration", "Acting on it"]
    assert parts[: len(wanted)] == wanted
    assert "run <code>mmfeat eval</code> again" not in page


def test_the_numbers_are_those_of_the_results(page, hostile_run):
    results = json.loads((hostile_run / "results.json").read_text())
    for method, entries in results["targets"]["cancer"]["methods"].items():
        found = entries["simulated"]["ct+clinical"]["metrics"]["auroc"]
        row = re.search(rf"<tr class=\"m\d[^>]*><th scope=\"row\"[^>]*>.*?{method}.*?</tr>", page)
        assert f"{found['point']:.3f}" in row[0]
        assert f"[{found['low']:.3f}, {found['high']:.3f}]" in row[0]


def test_a_page_made_again_is_the_same(page, hostile_run, tmp_path):
    assert write_report(hostile_run, tmp_path / "again.html").read_text(encoding="utf-8") == page


def test_drawings_have_names_and_values_without_any_script(page):
    drawings = re.findall(r'<svg[^>]*class="drawing"[^>]*>.*?</svg>', page, flags=re.S)
    assert len(drawings) > 20
    for drawing in drawings:
        assert 'role="img"' in drawing
        assert re.search('aria-label="[^"]+"', drawing)
        assert not re.search(r"#0102|#0101", drawing)  # stand-ins for colours of the page
    assert sum("<title>" in drawing for drawing in drawings) > 20


def test_results_of_an_earlier_version_say_to_run_eval_again(hostile_run, tmp_path):
    run = tmp_path / "old"
    shutil.copytree(hostile_run, run, ignore=shutil.ignore_patterns("heads", "folds", "*.png"))
    results = json.loads((run / "results.json").read_text())
    for name in ("verdict", "cohort_flow", "provenance", "embeddings"):
        del results[name]
    kept = ("kind", "outputs", "availabilities", "methods", "complete_cases", "ceiling")
    results["targets"] = {
        name: {key: one[key] for key in kept} for name, one in results["targets"].items()
    }
    for of_target in results["targets"].values():
        for one in of_target["complete_cases"]["differences"]:
            one.pop("tests", None)
    (run / "results.json").write_text(json.dumps(results))
    page = write_report(run).read_text(encoding="utf-8")
    _tags(page)
    assert "No verdict" in page
    assert page.count("run <code>mmfeat eval</code> again") > 8


def test_a_folder_without_results_is_refused_in_one_line(tmp_path):
    with pytest.raises(EvalError, match=r"no results\.json; run `mmfeat eval` first"):
        write_report(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "cannot be read"), ("{}", "not results of mmfeat"), ("[1]", "not results of mmfeat")],
)
def test_damaged_results_are_refused_in_one_line(tmp_path, content, message):
    (tmp_path / "results.json").write_text(content)
    with pytest.raises(EvalError, match=message):
        write_report(tmp_path)


def test_results_without_predictions_are_refused(hostile_run, tmp_path):
    shutil.copy(hostile_run / "results.json", tmp_path)
    with pytest.raises(EvalError, match=r"predictions\.parquet: not there"):
        write_report(tmp_path)
