"""Reports in a real browser: no complaint, no address but the file's own, tables that sort, text that stays text."""

from pathlib import Path

import pytest
from browser import browsing, chromium

import amd
from amd import matching

pytestmark = pytest.mark.skipif(chromium() is None, reason="chromium is not installed: no page was opened in a browser")

SCRIPT = "<script>window.pwned = 1</script>"
IMAGE = '"><img src=x onerror="window.pwned = 2">'
CHOICES = f'<svg onload="window.pwned = 3"> \'{IMAGE}'


@pytest.fixture(scope="module")
def tab():
    with browsing() as opened:
        yield opened


@pytest.fixture
def visit(tab, tmp_path):
    """Opens a page with a new list of complaints and requests."""

    def opened(text: str):
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        tab.complaints.clear()
        tab.requests.clear()
        tab.open(path)
        return tab

    return opened


@pytest.fixture
def report(license_page) -> str:
    return license_page


def column(tab, caption: str, position: int) -> list[str]:
    """The cells of a column of the table with this caption, as they stand."""
    found = tab.run(
        f"[...[...document.querySelectorAll('table')].find(t => t.caption.textContent === {caption!r})"
        f".tBodies[0].rows].map(row => row.cells[{position}].textContent)"
    )
    assert isinstance(found, list)
    return found


def press(tab, caption: str, position: int) -> None:
    """Presses the header of a column."""
    tab.run(
        f"[...document.querySelectorAll('table')].find(t => t.caption.textContent === {caption!r})"
        f".tHead.rows[0].cells[{position}].querySelector('button').click()"
    )


def test_the_browser_notices_what_is_wrong(visit):
    """The checks below could fail: a page with an error, a picture from elsewhere and a script has them all."""
    page = (
        "<!doctype html><img src='http://127.0.0.1:9/x.png'>"
        "<script>window.pwned = 1; console.error('wrong'); nonsense()</script>"
    )
    tab = visit(page)
    assert tab.run("window.pwned") == 1
    assert any("wrong" in complaint for complaint in tab.complaints)
    assert any("nonsense" in complaint for complaint in tab.complaints)
    assert "http://127.0.0.1:9/x.png" in tab.requests


def test_the_page_opens_without_complaint_and_alone(visit, report):
    tab = visit(report)
    assert tab.run("document.querySelectorAll('figure svg').length") > 5
    assert tab.complaints == []
    assert {request.partition(":")[0] for request in tab.requests} <= {"file", "data"}
    assert len([request for request in tab.requests if request.startswith("file:")]) == 1


def test_tables_sort_by_number_and_by_word(visit, report):
    tab = visit(report)
    caption, paid = "What happens at each type profile", 3
    before = [float(cell) for cell in column(tab, caption, paid)]
    assert before != sorted(before)
    press(tab, caption, paid)
    assert [float(cell) for cell in column(tab, caption, paid)] == sorted(before)
    press(tab, caption, paid)
    assert [float(cell) for cell in column(tab, caption, paid)] == sorted(before, reverse=True)
    press(tab, caption, 2)
    words = column(tab, caption, 2)
    assert words == sorted(words)
    marks = tab.run("[...document.querySelectorAll('th[aria-sort]')].map(th => th.getAttribute('aria-sort'))")
    assert marks == ["ascending"]
    assert tab.complaints == []


def test_fractions_sort_by_their_value(visit, tmp_path):
    """As words 1/10 would come before 1/2 and 1/2 before 1/3."""
    path = tmp_path / "shares.html"
    text = (
        "amd: 1\nkind: matching\napplicants: {a: [x, y], b: [x, y], c: [y, x]}\n"
        "programs: {x: {capacity: 1}, y: {capacity: 1}}\ndesign: {rule: probabilistic_serial}\n"
    )
    matching.solve_text(text).report(path)
    tab = visit(path.read_text(encoding="utf-8"))
    press(tab, "Shares as probabilities", 2)
    shares = [cell.split("/") for cell in column(tab, "Shares as probabilities", 2)]
    values = [int(above[0]) / int(above[-1] if len(above) > 1 else 1) for above in shares]
    assert values == sorted(values)
    assert len(set(values)) > 2


def test_a_hostile_problem_does_not_run(visit, tmp_path):
    path = tmp_path / "hostile.html"
    problem = {
        "amd": 1,
        "title": SCRIPT + IMAGE,
        "source": f"javascript:window.pwned=4 {IMAGE}",
        "notes": f"</title></style></script>{SCRIPT}{IMAGE}",
        "agents": {"buyer": {"types": {"v": {"values": [1, 2]}}, "value": {CHOICES: "v"}}},
        "outcomes": ["keep", CHOICES],
        "design": {"maximize": "revenue", "incentive": "bayesian", "participation": "interim"},
    }
    amd.problem(problem).solve().report(path, command=f"amd {SCRIPT}")
    tab = visit(path.read_text(encoding="utf-8"))
    assert tab.run("document.title") == SCRIPT + IMAGE
    assert tab.run("document.querySelector('h1').textContent") == SCRIPT + IMAGE
    assert tab.run("document.querySelectorAll('img, iframe, script').length") == 1  # the script that sorts
    assert tab.run("typeof window.pwned") == "undefined"
    assert tab.complaints == []


def test_the_policy_stops_what_would_slip_through(visit, report):
    tab = visit(report.replace("<h1>", f"{SCRIPT}<h1>", 1))
    assert tab.run("typeof window.pwned") == "undefined"
    assert any("Content Security Policy" in complaint for complaint in tab.complaints)


def test_the_page_is_dark_where_that_is_wished(visit, report):
    paper = "getComputedStyle(document.body).backgroundColor"
    letters = "getComputedStyle(document.querySelector('figure svg text')).fill"
    tab = visit(report)
    tab.screen(1000, 800)
    light = tab.run(f"[{paper}, {letters}]")
    tab.screen(1000, 800, dark=True)
    dark = tab.run(f"[{paper}, {letters}]")
    assert light == ["rgb(255, 255, 255)", "rgb(26, 26, 26)"]
    assert dark == ["rgb(22, 25, 29)", "rgb(232, 232, 232)"]
    tab.screen(1000, 800)


def test_the_page_fits_a_phone(visit, report):
    tab = visit(report)
    tab.screen(390, 844, phone=True)
    assert tab.run("document.documentElement.scrollWidth") <= 390
    assert tab.run("parseFloat(getComputedStyle(document.body).fontSize)") >= 16
    tab.screen(1000, 800)


def test_the_page_can_be_printed(visit, report):
    tab = visit(report)
    assert tab.paper().startswith(b"%PDF")
    tab.call("Emulation.setEmulatedMedia", media="print")
    assert tab.run("getComputedStyle(document.querySelector('nav')).display") == "none"
    tab.call("Emulation.setEmulatedMedia", media="")


def test_names_of_people_do_not_run(visit, tmp_path):
    path = tmp_path / "schools.html"
    who = "<img src=x onerror='window.pwned = 5'>"
    text = f'amd: 1\nkind: matching\napplicants: {{"{who}": [x], b: [x]}}\nprograms: {{x: [b, "{who}"]}}\n'
    matching.solve_text(text).report(path)
    tab = visit(Path(path).read_text(encoding="utf-8"))
    assert tab.run("document.querySelectorAll('figure svg').length") >= 2
    assert who in column(tab, "Who is matched with whom", 0)
    assert tab.run("document.querySelectorAll('img').length") == 0
    assert tab.run("typeof window.pwned") == "undefined"
    assert tab.complaints == []
