"""Problem files of `kind: auction`: bundled ones with their printed numbers, answers, and faults by line."""

import json
import math
from pathlib import Path

import pytest

from amd.auctions import check_file, check_task, read_task, simulate_file, simulate_text, solve_file, solve_text
from amd.auctions.answer import solve_task
from amd.files.faults import InputError

BUNDLED = Path(__file__).parents[2] / "problems" / "auction"


def payments(result):
    if "awards" in result.answer:
        return {award["bidder"]: pytest.approx(award["payment"], abs=1e-6) for award in result.answer["awards"]}
    return {name: float(eval_fraction(paid)) for name, paid in result.answer["payments"].items()}


def eval_fraction(text):
    from fractions import Fraction

    return Fraction(text)


@pytest.mark.parametrize(
    ("name", "paid"),
    [
        ("three-bidders", {"first": 60, "second": 40}),
        ("zero-revenue", {"first": 0, "second": 0}),
        ("falling-revenue", {"second": 2, "third": 2}),
        ("vickrey-units", {"first": 3, "second": 3}),
        ("vickrey", {"first": 0, "second": 5, "third": 0}),
        ("small-bridge", {"first": 2, "second": 3, "third": 0}),
        ("large-bridge", {"first": 20, "second": 15, "third": 5}),
        ("lemonade-bids", {"Maya": 35, "Nate": 0, "Olivia": 0}),
    ],
)
def test_printed_numbers(name, paid):
    result = solve_file(BUNDLED / f"{name}.yaml")
    assert payments(result) == paid
    assert result.exit_status == 0 and json.loads(json.dumps(result.to_json()))["status"] == "optimal"


def test_more_printed_numbers():
    assert solve_file(BUNDLED / "small-bridge.yaml").details["deficit"] == 5
    assert solve_file(BUNDLED / "large-bridge.yaml").details["deficit"] == 20
    assert solve_file(BUNDLED / "lemonade-bids.yaml").details["reserve"] == pytest.approx(30, abs=1e-6)
    first = solve_file(BUNDLED / "first-price.yaml")
    assert first.answer["payments"]["first"] == pytest.approx(40, abs=1e-6)
    assert first.details["expected_revenue"] == pytest.approx(100 / 3, abs=1e-9)
    assert solve_file(BUNDLED / "risk-averse.yaml").answer["payments"]["first"] == pytest.approx(60, abs=1e-6)
    contest = solve_file(BUNDLED / "all-pay.yaml")
    assert payments(contest) == pytest.approx({"first": 1 / 8 + 8 / 25, "second": 0}, abs=1e-6)
    assert contest.details["reserve"] == pytest.approx(1 / 4, abs=1e-9)
    assert contest.details["expected_revenue"] == pytest.approx(5 / 12, abs=1e-9)
    averse = solve_file(BUNDLED / "averse-reserve.yaml")
    assert averse.details["reserve"] == pytest.approx(math.exp(-1), abs=1e-4)
    assert averse.details["expected_revenue"] == pytest.approx(4 / 9 + 2 / 9 * math.exp(-3), abs=1e-6)
    assert payments(averse)["first"] == pytest.approx(1 / 2 + 16 / 27 * math.exp(-3), abs=1e-5)
    lobby = solve_file(BUNDLED / "lobbyists.yaml")
    assert payments(lobby) == pytest.approx({"weak": 1 / 24 + 9 / 32, "strong": 1 / 8}, abs=1e-5)
    assert solve_file(BUNDLED / "falling-revenue.yaml", {"join": "0"}).details["revenue"] == 8


@pytest.mark.parametrize("path", sorted(BUNDLED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_bundled_answer_checks(path):
    """What `solve` writes passes `check`, and a payment changed by 1 does not."""
    task = read_task(path.read_text(), str(path), path.parent)
    answer = json.loads(json.dumps(solve_task(task).answer))
    assert check_task(task, answer).holds
    if "awards" in answer:
        answer["awards"][0]["payment"] += 1
    else:
        name = next(iter(answer["payments"]))
        answer["payments"][name] = float(eval_fraction(answer["payments"][name])) + 1
    assert check_task(task, answer).audit["payments"]


def test_check_reads_files(tmp_path):
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(solve_file(BUNDLED / "small-bridge.yaml").answer))
    assert check_file(BUNDLED / "small-bridge.yaml", file).holds
    file.write_text("{")
    with pytest.raises(ValueError, match="is not JSON"):
        check_file(BUNDLED / "small-bridge.yaml", file)


def test_check_finds_what_is_wrong():
    text = (BUNDLED / "three-bidders.yaml").read_text()
    task = read_task(text, "x.yaml")
    both = {"awards": [{"bidder": "both", "bids": [2], "payment": 100}]}
    assert check_task(task, both).audit["optimality"] == ["the bids are worth 100; 140 can be had"]
    clash = {"awards": [*both["awards"], {"bidder": "first", "bids": [0], "payment": 90}]}
    found = check_task(task, clash).audit
    assert "2 units of A are handed out; there are 1" in found["feasibility"]
    assert "first pays 90, more than its bid of 80" in found["payments"]
    with pytest.raises(ValueError, match="holds 'awards'"):
        check_task(task, {"matching": {}})


HEAD = "amd: 1\nkind: auction\n"
LINKED = "format: english\nprior: {uniform: [0, 1]}\naffiliation: {common: {uniform: [0, 1]}, weight: 1}\n"


def faults(text, folder=None):
    with pytest.raises(InputError) as failure:
        solve_text(HEAD + text, "f.yaml", folder)
    return [(fault.line, fault.path, fault.message) for fault in failure.value.faults]


@pytest.mark.parametrize(
    ("text", "line", "path", "part"),
    [
        ("goods: [A]\nbidders: {x: {bids: [{of: [A], bid: -3}]}}", 4, "bidders.x.bids[1].bid", "at least 0"),
        ("goods: [A]\nbidders: {x: {bids: [{of: [B], bid: 3}]}}", 4, "bidders.x.bids[1].of", "not for sale"),
        ("goods: [A]\nbidders: {x: {bids: [{of: [], bid: 3}]}}", 4, "bidders.x.bids[1].of", "has 0 items"),
        ("goods: [A]\nbidders: {x: {bids: [{of: [A], bid: many}]}}", 4, "bidders.x.bids[1].bid", "unknown name"),
        ("goods: [A]\nbidders: {x: {bids: [{of: [A]}]}}", 4, "bidders.x.bids[1].bid", "missing"),
        ("goods: [A, A]\nbidders: {}", 3, "goods[2]", "listed twice"),
        ("goods: {A: 1/2}\nbidders: {}", 3, "goods.A", "whole number"),
        ("goods: {A: {reserve: -1}}\nbidders: {}", 3, "goods.A.reserve", "at least 0"),
        ("goods: [A]", 1, "bidders", "missing"),
        ("bidders: {x: }", 1, "goods", "missing"),
        ("goods: [A]\nbidders: {x: {value: 3}}", 4, "bidders.x.value", "means nothing"),
        ("goods: [A]\nprior: {uniform: [0, 1]}\nbidders: {}", 4, "prior", "means nothing"),
        ("format: sealed\nbidders: {}", 3, "format", "is not one of"),
        ("format: first-price\nbidders: {x: {value: 3}}", 4, "bidders.x.value", "needs a 'prior'"),
        ("format: first-price\nreserve: optimal\nbidders: {x: {bid: 3}}", 4, "reserve", "needs the 'prior'"),
        ("format: first-price\nprior: {values: [1, 2]}\nbidders: {x: }", 4, "prior", "finitely many"),
        ("format: english\nrisk_aversion: 1\nbidders: {x: }", 4, "risk_aversion", "below 1"),
        ("format: english\nwealth: -1\nbidders: {x: }", 4, "wealth", "at least 0"),
        ("format: english\nbidders: {x: {bid: {a: 3}}}", 4, "bidders.x.bid", "number"),
        (
            "format: english\nprior: {uniform: [0, 1]}\nbidders: {x: {signal: 3}}",
            5,
            "bidders.x.signal",
            "'affiliation'",
        ),
        (f"reserve: 1\n{LINKED}bidders: {{x: , y: }}", 3, "reserve", "not covered"),
        (f"{LINKED}bidders: {{x: {{value: 1}}, y: }}", 6, "bidders.x.value", "its 'signal'"),
        (f"{LINKED}bidders: {{x: {{signal: 1}}, y: }}", 6, "bidders", "all of them or none"),
        (f"{LINKED}bidders: {{x: {{signal: 1}}, y: {{signal: 3}}}}", 6, "bidders.y.signal", "between 0 and 2"),
        (f"{LINKED}bidders: {{x: }}", 6, "bidders", "fewer than two"),
        (
            f"{LINKED.replace('uniform: [0, 1]}, w', 'values: [1]}, w')}bidders: {{x: , y: }}",
            5,
            "affiliation.common",
            "fin",
        ),
        (f"{LINKED.replace('1}', '2}')}bidders: {{x: , y: }}", 5, "affiliation.weight", "at most 1"),
        ("format: dutch\naffiliation: {common: {uniform: [0, 1]}}\nbidders: {x: , y: }", 4, "affiliation", "needs the"),
        ("format: vcg\nbidders: {x: {value: 3}}", 1, "outcomes", "missing"),
        ("format: vcg\noutcomes: [a, b]\nbidders: {x: {value: {c: 3}}}", 5, "bidders.x.value", "not an outcome"),
        ("format: vcg\noutcomes: [a, b]\nbidders: {x: {value: 3}}", 5, "bidders.x.value", "one number"),
        ("goods: [A]\nbids: ../secret.csv", 4, "bids", "leaves the folder"),
        ("cats: a.txt\ngoods: [A]", 3, "cats", "brings its own"),
        ("goods: [A]\nties: -1\nbidders: {}", 4, "ties", "at least 0"),
    ],
)
def test_faults_by_line(text, line, path, part):
    found = faults(text)
    assert any(f[0] == line and f[1] == path and part in f[2] for f in found), found


def test_all_faults_at_once():
    found = faults("goods: [A]\nbidders:\n  x: {bids: [{of: [B], bid: 1}]}\n  y: {bids: [{of: [A], bid: -1}]}")
    assert [line for line, _, _ in found] == [5, 6]


def test_bids_from_a_table(tmp_path):
    (tmp_path / "bids.csv").write_text("bidder,goods,bid\nann,A B,10\nann,A,6\nbob,B;C,1/2\n\ncy,C C,3\n")
    result = solve_text(HEAD + "goods: {A: 1, B: 1, C: 2}\nbids: bids.csv\n", "f.yaml", tmp_path)
    assert [award["bidder"] for award in result.answer["awards"]] == ["ann", "cy"]
    either = solve_text(HEAD + "bids: bids.csv\nlanguage: or\n", "f.yaml", tmp_path)
    assert either.details["value"] == 10  # C is one unit when goods are not listed
    (tmp_path / "bids.csv").write_text("bidder,goods,bid\n,A,1\nann,,2\nann,Z,-3\nann\n")
    found = faults("goods: [A]\nbids: bids.csv", tmp_path)
    assert [line for line, _, _ in found] == [2, 3, 4, 4, 5]
    (tmp_path / "bids.csv").write_text("who,what\n")
    assert "lacks bidder, goods and bid" in faults("goods: [A]\nbids: bids.csv", tmp_path)[0][2]


def test_cats_file(tmp_path):
    (tmp_path / "a.txt").write_text("goods 2\nbids 3\ndummy 0\n0\t80\t0\t#\n1\t60\t1\t#\n2\t100\t0\t1\t#\n")
    result = solve_text(HEAD + "cats: a.txt\npayment: core\n", "f.yaml", tmp_path)
    assert payments(result) == {"single 0": 60, "single 1": 40}


def test_nobody_and_alone():
    empty = solve_text(HEAD + "goods: [A]\nbidders: {}")
    assert empty.answer == {"awards": []} and "Nothing is sold" in empty.text()
    alone = solve_text(HEAD + "format: second-price\nreserve: 3\nbidders: {only: {value: 5}}")
    assert alone.answer == {"winner": "only", "payments": {"only": "3"}}
    nobody = solve_text(HEAD + "format: english\nbidders: {}")
    assert nobody.answer["winner"] is None
    chosen = solve_text(HEAD + "format: vcg\noutcomes: {a: {cost: 2}, b: {cost: 1}}\nbidders: {}")
    assert chosen.answer == {"outcome": "b", "payments": {}} and chosen.details["welfare"] == -1
    low = solve_text(HEAD + "format: first-price\nreserve: 3\nbidders: {only: {bid: 2}}")
    assert low.answer == {"winner": None, "payments": {"only": "0"}}


def test_values_that_are_negative_or_beyond_the_prior():
    """VCG: x keeps y from choosing a, which costs y 2 and spares x 3. A value beyond the prior bids as its top does."""
    harm = solve_text(HEAD + "format: vcg\noutcomes: [a, b]\nbidders: {x: {value: {a: -3, b: 1}}, y: {value: {a: 2}}}")
    assert harm.answer == {"outcome": "b", "payments": {"x": "2", "y": "0"}}
    text = HEAD + "format: first-price\nprior: {uniform: [0, 1]}\nbidders: {x: {value: 3}, y: {value: 1/2}}"
    assert payments(solve_text(text)) == pytest.approx({"x": 1 / 2, "y": 0}, abs=1e-6)
    with pytest.raises(ValueError, match="no value exceeds"):
        solve_text(text.replace("prior", "reserve: 1\nprior"))


def test_ties_by_the_seed():
    """The same seed, the same winner; both win for some seed, and the price is the tied bid."""
    text = HEAD + "format: {form}\nties: {seed}\nbidders: {{x: {{bid: 4}}, y: {{bid: 4}}}}"
    for form in ("first-price", "second-price"):
        answers = [solve_text(text.format(form=form, seed=seed)).answer for seed in range(12)]
        assert answers == [solve_text(text.format(form=form, seed=seed)).answer for seed in range(12)]
        assert {answer["winner"] for answer in answers} == {"x", "y"}
        assert all(answer["payments"][answer["winner"]] == "4" for answer in answers)


def test_prices_support_or_not():
    """Additive bids have competitive prices; three pairs of three goods have none: the relaxation takes half of
    each.
    """
    good = solve_text(HEAD + "goods: [A, B]\nbidders: {x: {bids: [{of: [A], bid: 3}]}, y: {bids: [{of: [B], bid: 2}]}}")
    assert good.details["prices_support"]
    pairs = ", ".join(f"{n}: {{bids: [{{of: [{a}, {b}], bid: 2}}]}}" for n, a, b in ("xAB", "yBC", "zAC"))
    bad = solve_text(HEAD + f"goods: [A, B, C]\nbidders: {{{pairs}}}")
    assert bad.details["value"] == 2 and bad.details["relaxation"] == pytest.approx(3)
    assert not bad.details["prices_support"]


def test_simulation_of_a_file():
    result = simulate_file(BUNDLED / "first-price.yaml", rounds=20_000)
    formats = result.to_json()["formats"]
    assert set(formats) == {"first-price", "second-price", "english", "dutch", "all-pay"}
    for played in formats.values():
        assert abs(played["revenue"] - 100 / 3) < 5 * played["standard_error"]
    assert "all-pay" in simulate_file(BUNDLED / "weak-and-strong-bids.yaml", rounds=2000).to_json()["formats"]
    assert "left out" in simulate_file(BUNDLED / "risk-averse.yaml", rounds=2000).text()
    rich = (BUNDLED / "risk-averse.yaml").read_text() + "wealth: 100\n"
    assert "left out" not in simulate_text(rich, rounds=2000).text()
    optimal = simulate_file(BUNDLED / "all-pay.yaml", rounds=20_000).to_json()["formats"]
    for played in optimal.values():  # each with its own least bid, and so of the same revenue
        assert played["expected"] == pytest.approx(5 / 12, abs=1e-9)
        assert abs(played["revenue"] - 5 / 12) < 5 * played["standard_error"]
    with pytest.raises(ValueError, match="only a standard format"):
        simulate_text(HEAD + "goods: [A]\nbidders: {}")


def test_affiliated_files():
    """Krishna (2010), example 6.2, and the linkage principle with three bidders; both solved, played and checked."""
    two = solve_file(BUNDLED / "affiliated-signals.yaml")
    assert payments(two) == pytest.approx({"first": 9 / 10, "second": 0}, abs=1e-6)
    revenues = two.to_json()["expected_revenues"]
    assert revenues == {
        "first-price": pytest.approx(7 / 9, abs=1e-6),
        "dutch": pytest.approx(7 / 9, abs=1e-6),
        "second-price": pytest.approx(5 / 6, abs=1e-6),
        "english": pytest.approx(5 / 6, abs=1e-6),
    }
    three = simulate_file(BUNDLED / "linkage.yaml", rounds=100_000).to_json()["formats"]
    assert three["english"]["expected"] == pytest.approx(11 / 12, abs=1e-9)
    for better, worse in (("english", "second-price"), ("second-price", "first-price")):
        assert three[better]["interval"][0] > three[worse]["interval"][1]
    for played in three.values():
        assert abs(played["revenue"] - played["expected"]) < 5 * played["standard_error"]
    assert payments(solve_file(BUNDLED / "linkage.yaml"))["first"] == pytest.approx(11 / 10, abs=1e-9)


def test_the_digest_says_what_the_problem_says():
    one = solve_text(HEAD + "goods: [A]\nbidders: {x: {bids: [{of: [A], bid: 0.5}]}}").digest
    two = solve_text(HEAD + "title: t\ngoods: {A: 1}\nbidders:\n  x:\n    bids: [{of: {A: 1}, bid: 1/2}]").digest
    other = solve_text(HEAD + "goods: [A]\nbidders: {x: {bids: [{of: [A], bid: 0.6}]}}").digest
    assert one == two != other
