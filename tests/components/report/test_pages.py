"""Reports in a browser: they load nothing, log no error, sort their tables and answer to hovering."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.browser import ABSENT, CHROMIUM, Browser, launch
from tests.support.rooms import Runs, four_runs

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)

PER_CLASS = "#confusion_matrix .pair > .tall > table"
LIGHT, DARK = "rgb(253, 252, 249)", "rgb(23, 24, 27)"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return four_runs(tmp_path_factory.getbasetemp() / "newsroom")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launch() as launched:
        yield launched


@pytest.fixture(scope="module")
def report(runs: Runs) -> Path:
    return runs.newsroom.report(runs.second)


@pytest.mark.parametrize(
    ("which", "scheme", "width"),
    [("second", "light", 1280), ("second", "dark", 390), ("failed", "light", 390), ("cached", "dark", 1280)],
)
def test_a_page_opens_from_disk_without_an_error_and_never_scrolls_sideways(
    which: str, scheme: str, width: int, runs: Runs, chromium: Browser
) -> None:
    path = runs.newsroom.report(getattr(runs, which))
    assert path.stat().st_size < 1_500_000
    with chromium.open(path, width, scheme) as opened:
        assert opened.complaints == []
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        assert opened.style("html", "backgroundColor") == (LIGHT if scheme == "light" else DARK)


def test_documents_are_shown_as_text_whatever_is_in_them(report: Path, chromium: Browser) -> None:
    with chromium.open(report) as opened:
        page = opened.page
        assert page.title().startswith("Run 2")  # and not the title that the document's script sets
        assert page.locator("img, iframe, object").count() == 0
        quoted = page.locator("#confused_classes blockquote").first.inner_text()
        assert quoted.startswith("<script>document.title='owned'</script></script><img src=x onerror=alert(1)> & ")
        assert opened.column(PER_CLASS, 0)[0] == "<script>document.title='"
        ticks = page.eval_on_selector_all(
            "#confusion_matrix .ytick text", "ticks => ticks.map(tick => tick.textContent)"
        )
        assert "<script>document.title='" in ticks
        assert opened.complaints == []


def test_a_table_sorts_by_its_headers_with_mouse_and_keyboard(report: Path, chromium: Browser) -> None:
    with chromium.open(report) as opened:
        headers = opened.page.locator(f"{PER_CLASS} th button")
        headers.nth(1).click()
        f1 = [float(value) for value in opened.column(PER_CLASS, 1)]
        assert f1 == sorted(f1, reverse=True)
        headers.nth(1).focus()
        opened.page.keyboard.press("Enter")
        assert [float(value) for value in opened.column(PER_CLASS, 1)] == sorted(f1)
        states = opened.page.locator(f"{PER_CLASS} thead th").evaluate_all("all => all.map(th => th.ariaSort)")
        assert states == [None, "ascending", None, None, None]
        headers.nth(0).click()
        names = opened.column(PER_CLASS, 0)
        assert names == sorted(names)


@pytest.mark.parametrize(
    ("chart", "at", "shown"),
    [
        ("#executions .chart", None, "learning_rate 0.001 → 0.002"),
        ("#learning_curves .chart", (0.5, 0.5), "validation"),
        ("#confusion_matrix .chart", (0.5, 0.4), "predicted as"),
    ],
)
def test_a_chart_answers_to_hovering(
    chart: str, at: tuple[float, float] | None, shown: str, report: Path, chromium: Browser
) -> None:
    with chromium.open(report) as opened:
        found = opened.page.locator(chart).first
        found.scroll_into_view_if_needed()
        if at is None:  # the box of the trainer
            box = found.locator("text=Trainer").first.bounding_box()
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        else:
            box = found.locator(".nsewdrag").first.bounding_box()
            x, y = box["x"] + at[0] * box["width"], box["y"] + at[1] * box["height"]
        opened.page.mouse.move(x, y)
        opened.page.mouse.move(x + 1, y + 1)
        opened.page.wait_for_function("text => document.querySelector('.hoverlayer')?.closest('body') && "
                                      "[...document.querySelectorAll('.hoverlayer')]"
                                      ".some(layer => layer.textContent.includes(text))", arg=shown)  # fmt: skip
        assert opened.complaints == []


def test_charts_follow_the_scheme_while_the_page_is_open_and_paper_is_light(
    report: Path, chromium: Browser, tmp_path: Path
) -> None:
    with chromium.open(report, scheme="dark") as opened:
        axis = "#learning_curves .xtick text"
        assert opened.style(axis, "fill") == "rgb(166, 163, 155)"
        opened.page.emulate_media(color_scheme="light")
        opened.page.wait_for_function(
            f"() => getComputedStyle(document.querySelector('{axis}')).fill === 'rgb(95, 92, 85)'"
        )
        opened.page.emulate_media(color_scheme="dark")
        opened.page.evaluate("""window.onbeforeprint = () => {
              window.fill = getComputedStyle(document.querySelector("#learning_curves .xtick text")).fill;
              window.paper = getComputedStyle(document.documentElement).backgroundColor;
              window.fits = [...document.querySelectorAll(".chart")].every((c) => c.clientWidth <= 700);
            };""")
        pdf = opened.page.pdf(path=tmp_path / "report.pdf", format="A4")
        assert pdf[:5] == b"%PDF-"
        assert opened.page.evaluate("[window.fill, window.paper, window.fits]") == ["rgb(95, 92, 85)", LIGHT, True]
        opened.page.wait_for_function(
            f"() => getComputedStyle(document.querySelector('{axis}')).fill === 'rgb(166, 163, 155)'"
        )
        assert opened.complaints == []


def test_charts_are_described_in_words(report: Path, chromium: Browser) -> None:
    with chromium.open(report) as opened:
        charts = opened.page.locator(".chart").evaluate_all("all => all.map(c => [c.role, c.ariaLabel])")
        assert {role for role, _ in charts} == {"img"}
        assert all(len(label) > 40 for _, label in charts)
        assert "Trainer (EXECUTED) reads from Ingestion" in charts[0][1]
        levels = opened.page.locator("h1, h2, h3").evaluate_all("all => all.map(h => Number(h.tagName[1]))")
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))
        unlabelled = "all => all.filter(e => !(e.textContent.trim() || e.ariaLabel)).length"
        assert opened.page.locator("a, button, summary, [tabindex]").evaluate_all(unlabelled) == 0
        assert opened.page.locator("html[lang=en]").count() == 1
        assert opened.page.locator("table:not(:has(caption))").count() == 0


def test_the_index_filters_compares_and_links(runs: Runs, chromium: Browser, capfd: pytest.CaptureFixture[str]) -> None:
    assert runs.newsroom("report", "--all") == 0
    path = Path(capfd.readouterr().out.strip())
    with chromium.open(path) as opened:
        page = opened.page
        assert re.fullmatch(rf"4 runs\. In use: version 3 of run {runs.first} \(accuracy [\d.]+ %\)\.",
                            page.locator(".abstract").inner_text())  # fmt: skip
        assert opened.column("#runs", 1) == [runs.cached, runs.failed, runs.second, runs.first]
        page.fill("#filter", f"newsroom {runs.failed}")
        assert page.locator("#runs tbody tr:visible").count() == 1
        assert page.locator("#count").inner_text() == "1 of 4 runs."
        page.fill("#filter", "")
        for run_id in (runs.first, runs.second):
            page.check(f"[data-run='{run_id}'] input")
        cells = opened.column("#comparison", 1)
        assert {"rate", "accuracy", "Trainer.model"} <= set(cells)
        assert "Ingestion.examples" not in cells
        assert page.locator("#comparison pre").inner_text().startswith(
            f"python run_local.py runs diff {runs.first} {runs.second}"
        )  # fmt: skip
        assert page.locator(f"[data-run='{runs.cached}'] input").is_disabled()
        page.click(f"#runs a:text-is('{runs.second}')")
        page.wait_for_url(f"**/{runs.second}.html")
        assert opened.complaints == []
