"""Problem files: the bundled ones give the published answers, and wrong ones are answered line by line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from amd.files.faults import InputError
from amd.matching import MarketError, check_file, solve_file, solve_text
from amd.matching.tables import read_preflib
from amd.matching.verify import verify_stability
from solvers import Status

BUNDLED = Path(__file__).parents[2] / "problems"


def solve(name: str):
    return solve_file(BUNDLED / name)


def test_run_a_match():
    answer = solve("matching/run-a-match.yaml")
    assert answer.details["rosters"] == {
        "Mercy": ["Chen"],
        "City": ["Anderson", "Eastman"],
        "General": ["Ford", "Davis"],
    }
    assert answer.audit == {"validity": [], "stability": []} and answer.exit_status == 0
    # What cleaning dropped is named by line: Mercy ranks neither Davis nor Eastman, Anderson does not rank General.
    assert [note.split(": ", 1)[1] for note in answer.notes] == [
        "applicants.Davis: Mercy does not list Davis; the entry is dropped",
        "applicants.Eastman: Mercy does not list Eastman; the entry is dropped",
        "programs.General: Anderson does not list General; the entry is dropped",
    ]
    assert all(note.split(":")[1].isdigit() for note in answer.notes)


def test_four_schools_both_ways():
    text = (BUNDLED / "matching/four-schools.yaml").read_text(encoding="utf-8")
    assert solve_text(text).answer == {"matching": {"A": "W", "B": "X", "C": "Y", "D": "Z"}}
    other = solve_text(text.replace("trace: true", "proposers: programs"))
    assert other.answer == {"matching": {"A": "X", "B": "W", "C": "Y", "D": "Z"}}


@pytest.mark.parametrize(
    ("rule", "places"),
    [("top_trading_cycles", "21331424"), ("deferred_acceptance", "11333422"), ("boston", "21331432")],
)
def test_school_choice(rule, places):
    text = (BUNDLED / "matching/school-choice.yaml").read_text(encoding="utf-8")
    answer = solve_text(text.replace("rule: top_trading_cycles", f"rule: {rule}"))
    assert list(answer.answer["matching"].values()) == [f"s{c}" for c in places]
    assert answer.holds == (rule == "deferred_acceptance")


def test_knuth_lists_ten_and_stops_at_a_limit():
    answer = solve("matching/knuth.yaml")
    assert len(answer.details["stable_matchings"]) == 10 and answer.details["all_listed"]
    text = (BUNDLED / "matching/knuth.yaml").read_text(encoding="utf-8").replace("list: 20", "list: 3")
    details = solve_text(text).details
    assert len(details["stable_matchings"]) == 3 and not details["all_listed"]


@pytest.mark.parametrize("choose", ["egalitarian", "minimum_regret", "sex_equal", "programs_best", "largest"])
def test_every_choice_of_a_stable_matching(choose):
    text = (BUNDLED / "matching/knuth.yaml").read_text(encoding="utf-8").replace("median", choose)
    answer = solve_text(text)
    assert answer.holds and answer.details["matched"] == 4


def test_misreports_are_searched_under_the_rule_of_the_design():
    """With the programs' best stable matching A and B gain by truncating their lists; with their own, nobody gains."""
    text = (BUNDLED / "matching/four-schools.yaml").read_text(encoding="utf-8")
    for design, gains in (("choose: programs_best", 2), ("choose: applicants_best", 0), ("choose: median", 0)):
        wish = f"rule: stable\n  misreports: true\n  {design}"
        found = solve_text(text.replace("rule: deferred_acceptance\n  trace: true", wish)).details
        assert len(found["misreports"]) == gains and found["misreports_exhaustive"]
    worst = solve_text(text.replace("trace: true", "proposers: programs\n  misreports: true"))
    assert [line.split(" by ")[0] for line in worst.details["misreports"]] == [
        "A gets W instead of X",
        "B gets X instead of W",
    ]


def test_none_exists():
    couples = solve("matching/couple-without-stability.yaml")
    assert couples.status is Status.INFEASIBLE and couples.exit_status == 1 and len(couples.audit["stability"]) == 1
    roommates = solve("matching/roommates-without-stability.yaml")
    assert roommates.status is Status.INFEASIBLE and roommates.details["odd_cycles"] == [["a", "b", "c"]]
    assert roommates.answer is None


def test_other_bundled_answers():
    assert solve("matching/roommates.yaml").answer["matching"]["1"] == "6"
    assert solve("matching/ties.yaml").details["matched"] == 2
    assert solve("matching/dormitory.yaml").answer["probabilities"]["1"] == {"a": "1/2", "c": "1/2"}
    assert solve("matching/boston.yaml").details["misreports"] == ["i7 gets s2 instead of s3 by reporting s2"]
    chain = solve("exchange/fragile-chain.yaml")
    assert chain.details["values"] == {"expected_transplants": 0.875}
    pool = solve("exchange/two-cycles-and-a-chain.yaml")
    assert pool.details["transplants"] == 5 and pool.holds


@pytest.mark.parametrize(
    "path", sorted(BUNDLED.glob("matching/*.yaml")) + sorted(BUNDLED.glob("exchange/*.yaml")), ids=lambda p: p.stem
)
def test_every_bundled_answer_passes_the_check(path, tmp_path):
    answer = solve_file(path)
    data = json.loads(json.dumps(answer.to_json()))
    assert data["problem"]["sha256"] and data["status"] in ("optimal", "infeasible")
    assert answer.text()
    if not {"matching", "cycles"} & set(data):
        return
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    assert check_file(path, file).audit == answer.audit


def test_check_names_the_violations(tmp_path):
    file = tmp_path / "m.json"
    matching = {"Anderson": None, "Chen": "Mercy", "Ford": "City", "Davis": "Mercy", "Eastman": "City"}
    file.write_text(json.dumps({"matching": matching}), encoding="utf-8")
    answer = check_file(BUNDLED / "matching/run-a-match.yaml", file)
    assert not answer.holds
    assert answer.audit["validity"] == ["Davis is at a program off its list"]
    assert any(
        line.startswith("Anderson and City block") and "Ford would give way" in line
        for line in answer.audit["stability"]
    )
    file.write_text(json.dumps({"matching": {**matching, "Ford": "Cty"}}), encoding="utf-8")
    with pytest.raises(MarketError, match="did you mean 'City'"):
        check_file(BUNDLED / "matching/run-a-match.yaml", file)
    file.write_text(json.dumps({"matching": {"Chen": "Mercy"}}), encoding="utf-8")
    with pytest.raises(MarketError, match="leaves out Anderson"):
        check_file(BUNDLED / "matching/run-a-match.yaml", file)
    file.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="is not JSON"):
        check_file(BUNDLED / "matching/run-a-match.yaml", file)
    file.write_text('{"matching": {"Ford": "City", "Ford": "Mercy"}}', encoding="utf-8")
    with pytest.raises(InputError, match=r"Ford.* stands twice"):
        check_file(BUNDLED / "matching/run-a-match.yaml", file)


def test_check_of_an_exchange(tmp_path):
    file = tmp_path / "x.json"
    file.write_text(json.dumps({"cycles": [["ann", "bob"]], "chains": [["zoe", "eva", "ann"]]}), encoding="utf-8")
    answer = check_file(BUNDLED / "exchange/two-cycles-and-a-chain.yaml", file)
    assert answer.audit["validity"] == ["nobody at eva can give to ann", "ann takes part twice"]


def faults(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        solve_text(text, "f.yaml")
    return str(caught.value).splitlines()


def test_all_faults_at_once():
    text = """\
amd: 1
kind: matching
applicants:
  a: [p, q, p]
  b: [x]
  c: [p]
programs:
  p: {capacity: two, ranks: [a, c]}
  q: [a, [b, zed]]
design: {rule: boston, seed: -1}
"""
    assert faults(text)[0].startswith("f.yaml:8: programs.p.capacity: a whole number of places")
    found = faults(text.replace("two", "2"))
    assert found == [
        "f.yaml:4: applicants.a: 'p' is listed twice; rank it once",
        "f.yaml:5: applicants.b: 'x' is unknown; there are p and q",
        "f.yaml:9: programs.q: 'zed' is unknown; there are a, b and c",
        "f.yaml:10: design.seed: is -1; a whole number of at least 0 is wanted",
    ]


def test_one_sided_wishes_are_reported_or_refused():
    sides = "applicants:\n  a: [p, q]\nprograms:\n  p: [a]\n  q: {capacity: 0, ranks: [a]}\n  r: [a]\n"
    text = "amd: 1\nkind: matching\n" + sides
    answer = solve_text(text, "f.yaml")
    assert answer.notes == (
        "f.yaml:7: programs.q: has no place; nobody can get it",
        "f.yaml:8: programs.r: a does not list r; the entry is dropped",
    )
    assert answer.answer == {"matching": {"a": "p"}}
    strict = faults(text + "acceptability: strict\n")
    assert strict == [f"f.yaml:9: acceptability: is strict, but {note}" for note in answer.notes]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("agents:\n  a: [a, b]\n  b: [a]\n", "f.yaml:4: agents.a: names its owner"),
        ("agents:\n  a: [[b, c]]\n  b: [a]\n  c: [a]\n", "f.yaml:4: agents.a: has a tie"),
        ("agents: {a: []}\napplicants: {b: []}\n", "f.yaml:4: applicants: stands beside 'agents'"),
        ("applicants: {a: []}\n", "f.yaml:1: programs: is missing"),
        ("applicants: {a: [p]}\nprograms: {p: {ranks: [a], size: 3}}\n", "f.yaml:4: programs.p.size: unknown key"),
        ("applicants: {a: [p]}\nprograms: {p: {ranks: [a]}, q: {}}\n", "f.yaml:4: programs: some programs have ranks"),
        (
            "applicants: {a: [p]}\nprograms: {p: [a]}\ndesign: {rule: best}\n",
            "f.yaml:5: design.rule: 'best' is n",
        ),
        (
            "applicants: {a: [p]}\nprograms: {p: [a]}\ndesign: {rule: serial_dictatorship}\n",
            "f.yaml:5: design.order: is missing",
        ),
        (
            "applicants: {a: [p], b: []}\nprograms: {p: [a]}\ncouples: [{members: [a, b], ranks: [[p, none]]}]\n",
            "f.yaml:3: applicants.a: is in a couple; leave its list empty",
        ),
        (
            "applicants: {a: [], b: []}\nprograms: {p: [a]}\ncouples: [{members: [a, a], ranks: [[p, x]]}]\n",
            "f.yaml:5: couples: somebody stands in two couples",
        ),
        ("applicants: {table: ../x.csv}\nprograms: {p: []}\n", "leaves the folder of the problem"),
    ],
)
def test_single_faults(body, message):
    assert any(message in line for line in faults("amd: 1\nkind: matching\n" + body))


def test_ties_are_refused_until_a_lottery_is_named():
    text = "amd: 1\nkind: matching\napplicants: {a: [p], b: [p]}\nprograms:\n  p: [[a, b]]\n"
    with pytest.raises(MarketError, match=r"list of p has a tie.*write `ties: single`"):
        solve_text(text)
    winners = {
        solve_text(text + f"design: {{ties: single, seed: {s}}}\n").details["rosters"]["p"][0] for s in range(20)
    }
    assert winners == {"a", "b"}
    listed = solve_text(text + "design: {ties: listed}\n")
    assert listed.details["rosters"] == {"p": ["a"]}


def test_exchange_faults_all_at_once():
    text = """\
amd: 1
kind: exchange
pairs: [a, b, a]
altruists: [z]
arcs:
  a: [a, c]
  b: {a: 1, z: {weight: 2, success: 3/2}}
  y: [a]
design: {cycle_cap: 1, maximize: [best]}
"""
    found = "\n".join(faults(text.replace(", maximize: [best]", "")))
    for part in (
        "f.yaml:3: pairs[1]: 'a' stands twice",
        "f.yaml:6: arcs.a: an arc goes from a pair to itself",
        "f.yaml:6: arcs.a: 'c' is no pair",
        "f.yaml:7: arcs.b.z: 'z' is an altruist, who needs nothing",
        "f.yaml:7: arcs.b.z.success: is 3/2; a chance lies between 0 and 1",
        "f.yaml:8: arcs.y: 'y' is neither a pair nor an altruist",
        "f.yaml:9: design.cycle_cap: is 1",
    ):
        assert part in found
    assert "f.yaml:9: design.maximize[1]: 'best' is n" in "\n".join(faults(text))


def table(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("students", "schools", "ranks", "message"),
    [
        ("s,1,2\nA,P,,\nB,,P\n", "p,capacity\nP,1\n", "P,A,1\n", "students.csv:3: applicants.B: choice 1 is empty"),
        (
            "s,1\nA,P\nA,P\n",
            "p,capacity\nP,1\n",
            "P,A,1\n",
            "students.csv:3: applicants.A: stands twice, first on line 2",
        ),
        ("s,1\nA,P\n", "p,capacity\nP,x\n", "P,A,1\n", "schools.csv:2: programs.P: the capacity 'x'"),
        ("s,1\nA,P\n", "p,seats\nP,1\n", "P,A,1\n", "schools.csv:1: needs a header whose second column is 'capacity'"),
        ("s,1\nA,P\n", "p,capacity\nP,1\n", "Q,A,1\n", "ranks.csv:2: programs: 'Q' is not in the table of programs"),
        ("s,1\nA,P\n", "p,capacity\nP,1\n", "P,A,first\n", "ranks.csv:2: programs.P: the rank 'first'"),
        ("s,1\nA,P\n", "p,capacity\nP,1\n", "P,A,1\nP,A,2\n", "programs.P: 'A' is listed twice"),
    ],
)
def test_faults_in_tables_are_named_by_their_lines(tmp_path, students, schools, ranks, message):
    table(tmp_path, "students.csv", students)
    table(tmp_path, "schools.csv", schools)
    table(tmp_path, "ranks.csv", "program,applicant,rank\n" + ranks)
    problem = tmp_path / "f.yaml"
    problem.write_text(
        "amd: 1\nkind: matching\napplicants: {table: students.csv}\n"
        "programs: {table: schools.csv, priorities: ranks.csv}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        solve_file(problem)


def test_tables_and_lists_say_the_same(tmp_path):
    """Tied choices share a cell; ranked applicants may stand in the programs' table."""
    table(tmp_path, "s.csv", "s,1,2\nA,P|Q,\nB,P,Q\n")
    table(tmp_path, "p.csv", "p,capacity,1,2\nP,1,A,B\nQ,2,A|B,\n")
    problem = tmp_path / "t.yaml"
    tail = "design: {ties: listed}\n"
    problem.write_text("amd: 1\nkind: matching\napplicants: {table: s.csv}\nprograms: {table: p.csv}\n" + tail, "utf-8")
    lists = "applicants: {A: [[P, Q]], B: [P, Q]}\nprograms: {P: [A, B], Q: {capacity: 2, ranks: [[A, B]]}}\n"
    one, other = solve_file(problem), solve_text("amd: 1\nkind: matching\n" + lists + tail)
    assert one.answer == other.answer and one.digest == other.digest


def test_preflib_orders_old_and_new():
    names = "# ALTERNATIVE NAME 1: p\n# ALTERNATIVE NAME 2: q\n# ALTERNATIVE NAME 3: r\n"
    new = "# FILE NAME: x.toi\n# NUMBER ALTERNATIVES: 3\n" + names + "2: 1,{2,3}\n1: 3\n"
    old = "3\n1,p\n2,q\n3,r\n3,3,2\n2,1,{2,3}\n1,3\n"
    for text in (new, old):
        wishes = read_preflib(text, "x.toi", "applicants")
        assert wishes.owners == ["1", "2", "3"]
        assert wishes.named == ["p", "q", "r", "p", "q", "r", "r"] and wishes.tier == [0, 1, 1, 0, 1, 1, 0]
    with pytest.raises(InputError, match=r"x.toi:6: applicants: '4' is not the number of an alternative"):
        read_preflib(new.replace("2: 1,{2,3}", "2: 1,{2,4}"), "x.toi", "applicants")


def test_preflib_market(tmp_path):
    (tmp_path / "m.soi").write_text(
        "# ALTERNATIVE NAME 1: 1\n# ALTERNATIVE NAME 2: 2\n1: 1,2\n1: 1\n", encoding="utf-8"
    )
    (tmp_path / "w.soi").write_text(
        "# ALTERNATIVE NAME 1: 1\n# ALTERNATIVE NAME 2: 2\n1: 2,1\n1: 1\n", encoding="utf-8"
    )
    problem = tmp_path / "m.yaml"
    problem.write_text("amd: 1\nkind: matching\napplicants: {preflib: m.soi}\nprograms: {preflib: w.soi}\n", "utf-8")
    assert solve_file(problem).answer == {"matching": {"1": "2", "2": "1"}}


def test_the_answer_of_tables_is_verified_in_words():
    """The district's matching against the verifier, with the lists typed from the tables."""
    answer = solve("matching/district.yaml")
    wishes = {"Ada": "North East South", "Ben": "North South East", "Cleo": "East North", "Dov": "South North East",
              "Eli": "North East South", "Fay": "East South North", "Gus": "South East"}  # fmt: skip
    applicants = {a: [[p] for p in row.split()] for a, row in wishes.items()} | {"Hoa": [["North"], ["South", "East"]]}
    first = {"North": "Ada Eli Hoa", "East": "Cleo Fay", "South": "Ben Dov Gus"}
    left_out = {("South", "Cleo"), ("North", "Gus")}
    programs = {
        p: [near.split(), [a for a in applicants if a not in near.split() and (p, a) not in left_out]]
        for p, near in first.items()
    }
    places = {"North": 2, "East": 3, "South": 2}
    assert not verify_stability(applicants, programs, places, answer.answer["matching"])


@pytest.mark.slow
def test_a_larger_table_is_read_and_matched(tmp_path):
    """2,000 residents with 15 choices each; the benchmark measures forty thousand."""
    rng = np.random.default_rng(0)
    rows = np.argsort(rng.random((2000, 300)), axis=1)[:, :15]
    lines = [f"r{i}," + ",".join(f"h{p}" for p in row) for i, row in enumerate(rows)]
    table(tmp_path, "r.csv", "resident," + ",".join(map(str, range(15))) + "\n" + "\n".join(lines) + "\n")
    table(tmp_path, "h.csv", "h,capacity\n" + "".join(f"h{p},7\n" for p in range(300)))
    problem = tmp_path / "n.yaml"
    problem.write_text(
        "amd: 1\nkind: matching\napplicants: {table: r.csv}\nprograms: {table: h.csv}\ndesign: {ties: multiple}\n",
        "utf-8",
    )
    answer = solve_file(problem)
    assert answer.holds and answer.details["matched"] > 1900


def test_a_pool_from_preflib_files():
    """Pairs 1 and 2 exchange, the altruist's chain reaches 3 and 4, its last donor gives to the waiting list."""
    answer = solve("exchange/preflib-pool.yaml")
    assert answer.answer == {
        "cycles": [["Pair 1", "Pair 2"]],
        "chains": [["Altruist 5", "Pair 3", "Pair 4"]],
    }
    assert answer.details["values"] == {"transplants": 5} and answer.details["transplants"] == 4
    assert answer.notes[0].endswith("3 arcs of weight 0 into altruists are left out: no patient is there")
