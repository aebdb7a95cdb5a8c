"""`amd explain` and `amd export`."""

import highspy
import pytest


def optimum(path) -> float:
    """What HiGHS's own reader and solver make of a file."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    assert highs.readModel(str(path)) == highspy.HighsStatus.kOk
    assert highs.run() == highspy.HighsStatus.kOk
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return highs.getInfo().objective_function_value


@pytest.mark.parametrize("ending", ["mps", "lp"])
@pytest.mark.parametrize("formulation", ["auto", "full", "adjacent", "interim-payments,interim-allocation"])
def test_another_reader_finds_the_same_optimum(run, license_file, tmp_path, ending, formulation):
    text = license_file.read_text().replace("values: [L, H]", "values: [L, 20, 30, H]")
    license_file.write_text(text)
    output = tmp_path / f"program.{ending}"
    result = run("export", license_file, "-o", output, "--formulation", formulation)
    assert result.exit_code == 0
    assert f"wrote {output}" in result.stderr
    # virtual values 10 - 10·3, 20 - 10·2/1 = 0, 30 - 20 = 10 and 50 of four equally likely values
    assert optimum(output) == pytest.approx((7 / 16) * 50 + (5 / 16) * 10, abs=1e-7)


def test_generated_rows_are_written_down(run, problem, tmp_path):
    text = (
        "amd: 1\n"
        "agents:\n"
        "  buyer: {types: {x: {uniform: [0, 1], cells: 8}, y: {uniform: [0, 1], cells: 8}}, value: {a: x, b: y}}\n"
        "goods: {a: 1, b: 1}\n"
        "design: {maximize: revenue}\n"
    )
    file = problem(text)
    output = tmp_path / "program.mps"
    assert run("export", file, "-o", output).exit_code == 0
    found = run("solve", file, "--json").stdout
    assert f'"objective": {optimum(output):.6f}'[:18] in found


def test_rows_that_cannot_all_be_written_are_refused(run, problem, tmp_path):
    text = (
        "amd: 1\n"
        "agents:\n"
        "  ann: {types: {v: {uniform: [0, 1], cells: 70}}, value: {lamp: v}}\n"
        "  bob: {types: {v: {uniform: [0, 2], cells: 70}}, value: {lamp: v}}\n"
        "goods: {lamp: 1}\n"
        "design: {maximize: revenue}\n"
    )
    file, output = problem(text), tmp_path / "program.lp"
    result = run("export", file, "-o", output, "--formulation", "reduced-form")
    assert result.exit_code == 2
    assert "generated" in result.stderr
    assert not output.exists()
    assert run("export", file, "-o", output).exit_code == 0


def test_the_explanation_names_families_sizes_and_reasons(run, license_file):
    result = run("explain", license_file)
    assert result.exit_code == 0
    for part in ("Choose", "Maximize  revenue", "Subject to", "incentive", "participation", "Reductions", "in use:",
                 "does not apply:", "in full  12 rows × 16 columns"):  # fmt: skip
        assert part in result.stdout


def test_the_explanation_of_the_full_program(run, license_file):
    result = run("explain", license_file, "--formulation", "full")
    assert "switched off" in result.stdout
    assert "4 rows" in result.stdout


@pytest.mark.parametrize("ending", ["lp", "mps"])
def test_a_folder_that_is_not_there(run, license_file, tmp_path, ending):
    assert run("export", license_file, "-o", tmp_path / "nowhere" / f"x.{ending}").exit_code == 2
