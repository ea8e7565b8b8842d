"""The page in a real browser: quiet, within its width, in light, in dark and on paper."""

import shutil
from collections.abc import Iterator

import pytest

from mmfeat.report.html import REPORT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed"),
]

_TOO_WIDE = """() => [...document.querySelectorAll('main *, header *')].filter((one) =>
    one.getBoundingClientRect().right > document.documentElement.clientWidth + 1
    && !one.closest('.scroll, pre, .methods, svg')).map((one) => one.outerHTML.slice(0, 120))"""
_LUMINANCE = """(element) => {
    const [r, g, b] = getComputedStyle(element).color.match(/\\d+/g).map(Number);
    return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255; }"""


@pytest.fixture(scope="module")
def browser() -> Iterator:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def opened(browser, hostile_run):
    """A function that opens the page; at the end it must have said and asked for nothing."""
    heard = []

    def open_page(**context):
        page = browser.new_page(**context)
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: heard.append(request.url))
        address = (hostile_run / REPORT).as_uri()
        page.goto(address)
        assert heard.pop(0) == address
        return page

    yield open_page
    assert [one for one in heard if not one.startswith("data:")] == []


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window(opened, width, scheme):
    page = opened(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(_TOO_WIDE) == []


def test_names_of_users_do_nothing(opened):
    page = opened()
    assert page.title() == "Evaluation of cancer, stage"
    assert page.locator("img[src='x']").count() == 0


@pytest.mark.parametrize(("scheme", "dark_ink"), [("light", True), ("dark", False)])
def test_letters_of_page_and_drawings_follow_the_colour_scheme(opened, scheme, dark_ink):
    page = opened(color_scheme=scheme)
    assert (page.eval_on_selector("h1", _LUMINANCE) < 0.5) is dark_ink
    filled = page.eval_on_selector(".drawing text", "(one) => getComputedStyle(one).fill")
    red = int(filled.removeprefix("rgb(").split(",")[0])
    assert (red < 128) is dark_ink


def test_every_drawing_is_as_large_as_its_letters_need(opened):
    page = opened(viewport={"width": 1440, "height": 800})
    sizes = page.eval_on_selector_all(
        ".drawing", "(all) => all.map((one) => one.getBoundingClientRect().toJSON())"
    )
    shown = [one for one in sizes if one["width"]]
    assert len(shown) > 20
    assert min(one["width"] for one in shown) > 250
    assert min(one["height"] for one in shown) > 60


def test_links_of_the_contents_lead_to_their_parts(opened):
    page = opened(viewport={"width": 1440, "height": 800}, reduced_motion="reduce")
    page.click(".contents a[href='#provenance']")
    page.wait_for_function(
        "document.querySelector('#provenance').getBoundingClientRect().top < 400", timeout=5000
    )
    assert page.url.endswith("#provenance")


def test_a_method_can_be_switched_off_by_the_keyboard_alone(opened):
    page = opened()
    rows = page.locator("#target-0-performance tr.m1:visible")
    curves = page.locator("#target-0-curves .mark.m1")
    assert rows.count() > 0
    assert curves.first.is_visible()
    page.focus("#method-1")
    page.keyboard.press("Space")
    assert rows.count() == 0
    assert not curves.first.is_visible()


def test_the_same_works_without_javascript(browser, hostile_run):
    page = browser.new_page(java_script_enabled=False)
    page.goto((hostile_run / REPORT).as_uri())
    assert page.locator(".frame-heading").first.is_visible()
    assert page.locator("#target-0-curves .drawing").first.is_visible()
    page.locator("label[for='method-1']").click()
    assert page.locator("#target-0-performance tr.m1:visible").count() == 0


def test_a_click_on_a_head_sorts_the_table_by_its_numbers(opened):
    page = opened()
    table = page.locator("#target-0-subgroups table").first
    head = table.locator("thead button", has_text="Cases")
    counts = [table.locator("tbody td:nth-child(3)").all_inner_texts()]
    for _ in range(2):
        head.click()
        counts.append(table.locator("tbody td:nth-child(3)").all_inner_texts())
    numbers = sorted(map(int, counts[0]))
    assert list(map(int, counts[1])) == numbers
    assert list(map(int, counts[2])) == numbers[::-1]
    assert table.locator("th[aria-sort='descending']").count() == 1


def test_pointing_at_a_curve_tells_its_value(opened):
    page = opened(viewport={"width": 1440, "height": 800})
    dot = page.locator("#target-0-performance .mark[data-values]").last
    dot.scroll_into_view_if_needed()
    dot.hover(force=True)
    said = page.locator("#tip").inner_text()
    assert said.startswith(("logistic", "average"))
    assert "[" in said


def test_paper_shows_what_is_folded_and_hides_what_is_for_screens(opened):
    page = opened(viewport={"width": 800, "height": 1000})
    page.emulate_media(media="print")
    assert not page.locator(".contents").is_visible()
    assert len(page.pdf(prefer_css_page_size=True)) > 50_000
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("main details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("main details[open]").count() == 0
