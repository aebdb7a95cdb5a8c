"""Reports: what is on the page, that nothing a user wrote becomes markup, and that files are whole."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

import amd
from amd import auctions, matching
from amd.cli import main
from amd.files import bundled
from amd.show.report import page, write_report
from amd.show.report.blocks import value_of
from amd.show.report.drawing import svg

SCRIPT = "<script>window.pwned = 1</script>"
IMAGE = '"><img src=x onerror="window.pwned = 2">'
HOSTILE = {
    "amd": 1,
    "title": SCRIPT + IMAGE,
    "source": IMAGE,
    "notes": f"{SCRIPT} `{SCRIPT}` </style></svg>{IMAGE} {{{{ page.title }}}}",
    "agents": {"buyer": {"types": {"v": {"values": [1, 2]}}, "value": {f"<b>sell</b> {IMAGE}": "v"}}},
    "outcomes": ["keep", f"<b>sell</b> {IMAGE}"],
    "design": {"maximize": "revenue", "incentive": "bayesian", "participation": "interim"},
}
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Outline(HTMLParser):
    """The elements of a page, with those that are open, and the text of each kind of element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        for tag in dict.fromkeys(self.open):
            self.texts[tag][-1] += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def hostile_page() -> str:
    return page(amd.problem(HOSTILE).solve(), f"amd solve {IMAGE}")


def test_the_page_holds_the_whole_answer(license_page):
    found = Outline(license_page)
    assert found.open == []
    assert [text.strip() for text in found.texts["h2"]] == [
        "The problem",
        "The answer",
        "Pictures",
        "The mechanism",
        "Audit",
        "The program",
        "Proof",
    ]
    text = " ".join(found.texts["body"])
    assert "75/2 = 37.5" in text  # a third of the textbook's (10, 50): three quarters of 50
    assert "Bayesian incentive compatibility" in text
    assert "Claim: the greatest value of the wish is exactly 75/2" in text
    assert "amd solve license" in text
    assert f"amd {amd.__version__}" in text
    assert amd.load("license").task.digest in text


def test_the_page_can_be_read_by_everybody(license_page):
    found = Outline(license_page)
    assert found.of("html")[0]["lang"] == "en"
    assert len(found.of("h1")) == len(found.of("main")) == 1
    assert all(text.strip() for text in found.texts["caption"])
    assert len(found.of("caption")) == len(found.of("table")) > 2
    assert all(head.get("scope") == "col" for head in found.of("th"))
    pictures = [div for div in found.of("div") if div.get("class") == "picture"]
    assert len(pictures) == len(found.of("svg")) == len(found.of("figcaption")) > 5
    assert all(picture["role"] == "img" and picture["aria-label"] for picture in pictures)
    keys = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(keys) == len(set(keys))
    links = [link["href"] for link in found.of("a")]
    assert all(link.startswith("#") and link[1:] in keys for link in links)


def test_the_page_loads_nothing_from_anywhere(license_page):
    found = Outline(license_page)
    for tag, attributes in found.elements:
        for name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
            link = attributes.get(name)
            assert link is None or link.startswith(("#", "data:image/png;base64,")), (tag, link)
    assert "@import" not in license_page
    assert not re.search(r"url\((?!#)", license_page)


def test_only_the_script_that_sorts_may_run(license_page):
    found = Outline(license_page)
    (script,) = found.texts["script"]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [meta["content"] for meta in found.of("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_nothing_that_a_user_wrote_is_markup(hostile_page, license_page):
    found, usual = Outline(hostile_page), Outline(license_page)
    assert found.open == []
    assert len(found.of("script")) == 1
    assert found.texts["script"] == usual.texts["script"]
    assert not found.of("img") and not found.of("b")
    assert not [attributes for _, attributes in found.elements if any(name.startswith("on") for name in attributes)]
    assert found.texts["title"] == [HOSTILE["title"]]
    assert found.texts["h1"] == [HOSTILE["title"]]
    assert "{{ page.title }}" in " ".join(found.texts["body"])
    assert SCRIPT in found.texts["code"]


def test_labels_of_users_stand_in_pictures_as_text(hostile_page):
    assert any("<b>sell</b>" in text for text in Outline(hostile_page).texts["svg"])


def test_pictures_do_not_share_identifiers():
    result = amd.load("license").solve()
    one, other = (svg(result.plot("regions"), prefix) for prefix in ("f1-", "f2-"))
    names = set(re.findall(r'id="([^"]*)"', one))
    assert names
    assert names.isdisjoint(re.findall(r'id="([^"]*)"', other))
    assert set(re.findall(r"url\(#([^)]*)\)", one)) <= names
    assert "var(--ink)" in one
    assert "<style" not in one
    assert "<metadata" not in one


def test_impossibility_is_reported():
    text = page(amd.load("gibbard-satterthwaite").solve())
    found = Outline(text)
    assert "There is no such mechanism." in " ".join(found.texts["header"])
    assert "Pictures" not in " ".join(found.texts["h2"])
    assert "strategy-proofness" in " ".join(found.texts["main"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("four-schools", ["round 5: D to Z", "Stable: no pair blocks.", "Nothing was found against it."]),
        ("roommates-without-stability", ["No stable matching exists"]),
        ("two-cycles-and-a-chain", ["Chosen cycles", "Chosen chains", "Proven best"]),
    ],
)
def test_matchings_and_exchanges_are_reported(name, words):
    found = Outline(page(matching.solve_file(bundled.resolve(name))))
    text = " ".join(found.texts["main"])
    assert found.open == []
    assert all(word in text for word in words), text
    assert found.of("svg")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("three-bidders", ["Winners", "80", "60", "Proved optimal."]),
        ("small-bridge", ["Payments", "The choice is"]),
        ("first-price", ["Equilibrium bids", "One good in a first-price auction"]),
    ],
)
def test_auctions_are_reported(name, words):
    found = Outline(page(auctions.solve_file(bundled.resolve(name))))
    text = " ".join(found.texts["main"])
    assert found.open == []
    assert all(word in text for word in words), text
    assert found.of("svg")


def test_what_was_printed_as_json_can_be_reported():
    record = amd.load("license").solve().to_json()
    found = Outline(page(json.loads(json.dumps(record))))
    text = " ".join(found.texts["body"])
    assert found.open == []
    assert "37.5" in text and "9 rows" in text and "revenue" in text
    with pytest.raises(ValueError, match="not the JSON object of an answer"):
        page({"status": "sure"})
    with pytest.raises(TypeError, match="no report about a list"):
        page([])


def test_numbers_sort_as_numbers():
    assert value_of("3/4") == 0.75
    assert value_of("1,200") == 1200
    assert value_of("−2.5") == -2.5
    assert value_of("12.5%") == 12.5
    assert value_of("a > b") is None
    assert value_of("1/2, 1/3") is None


def test_a_page_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    result = auctions.solve_file(bundled.resolve("small-bridge"))
    target = tmp_path / "page.html"
    target.write_text("before")

    def fails(one: object, other: object) -> None:
        raise OSError(28, "no space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("amd.files.whole.os.replace", fails)
        with pytest.raises(OSError, match="no space"):
            write_report(result, target)
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    result.report(target, command="amd solve small-bridge")
    assert "amd solve small-bridge" in target.read_text(encoding="utf-8")


def test_without_jinja_the_remedy_is_named(monkeypatch):
    monkeypatch.setattr("amd.show.report.render.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'automated-mechanism-design\[report\]'"):
        page({"status": "optimal", "problem": {"title": "x"}})


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_words_stand_out_from_the_paper_in_light_and_dark(license_page):
    """A contrast of at least 4.5 to 1 for text (WCAG 2.2, 1.4.3)."""
    themes = [
        dict(re.findall(r"--(\w+): (#\w{6});", block)) for block in re.findall(r":root \{(.*?)\}", license_page, re.S)
    ]
    assert len(themes) == 3  # light, dark, print
    for theme in themes:
        for paper in (theme["paper"], theme["tint"]):
            for ink in ("ink", "soft", "link", "good", "bad"):
                high, low = sorted([luminance(theme[ink]), luminance(paper)], reverse=True)
                assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, paper)


def run(*arguments: object):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def test_the_command_line_draws_and_reports(tmp_path):
    picture, report = tmp_path / "out.svg", tmp_path / "out.html"
    done = run("solve", "small-bridge", "--plot", picture, "--report", report)
    assert done.exit_code == 0
    assert "The choice is bridge" in done.stdout
    assert picture.read_text(encoding="utf-8").startswith("<?xml")
    assert "amd solve small-bridge" in report.read_text(encoding="utf-8")


def test_the_answer_is_printed_and_drawn(tmp_path):
    done = run("solve", "license", "--plot", tmp_path / "out.pdf")
    assert done.exit_code == 0
    assert "37.5" in done.stdout
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")


def test_the_command_line_lists_and_draws_kinds(tmp_path):
    listed = run("plot", "license")
    assert listed.exit_code == 0
    assert {line.split()[0] for line in listed.stdout.splitlines()} >= {"regions", "binding", "virtual-values"}
    target = tmp_path / "binding.png"
    assert run("plot", "license", "binding", "-o", target).exit_code == 0
    assert target.read_bytes().startswith(b"\x89PNG")


def test_the_command_line_reports_other_kinds_and_records(tmp_path):
    target = tmp_path / "out.html"
    assert run("report", "four-schools", "-o", target).exit_code == 0
    assert "applicants are matched" in target.read_text(encoding="utf-8")
    record = tmp_path / "answer.json"
    record.write_text(run("solve", "license", "--json").stdout)
    assert run("report", record, "-o", target).exit_code == 0
    assert "75/2 = 37.5" in target.read_text(encoding="utf-8")


def test_the_command_line_names_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("amd.show.figures.missing.find_spec", lambda name: None)
    sweep = ("sweep", "license", "--set", "L=10,20", "-o", tmp_path / "out.csv", "--plot", "revenue")
    for arguments, extra, status in (
        (("plot", "license"), "plot", 3),
        (("report", "license", "-o", tmp_path / "out.html"), "report", 3),
        (sweep, "plot", 2),
    ):
        done = run(*arguments)
        assert done.exit_code == status
        assert f"pictures need matplotlib: pip install 'automated-mechanism-design[{extra}]'" in done.stderr
        assert done.stderr.count("pip install") == 1
    assert not list(tmp_path.iterdir())


def test_the_command_line_says_what_is_wrong(tmp_path):
    unknown = run("plot", "license", "nonsense", "-o", tmp_path / "x.png")
    assert unknown.exit_code == 2
    assert "there is no picture 'nonsense'" in unknown.stderr
    assert "should end in .png, .svg or .pdf" in run("plot", "license", "-o", tmp_path / "x.gif").stderr
    nothing = run("plot", "gibbard-satterthwaite", "regions", "-o", tmp_path / "x.png")
    assert nothing.exit_code == 3
    assert "no mechanism was found" in nothing.stderr
    assert not list(tmp_path.iterdir())
