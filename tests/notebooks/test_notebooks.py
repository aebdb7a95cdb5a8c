"""Every notebook follows from its text, runs, and knows right answers from wrong ones."""

import re
from pathlib import Path

import nbformat
import pytest
from ruamel.yaml import YAML

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
TEXTS = sorted((NOTEBOOKS / "text").glob("[0-9]*.py"))
ANSWERS = YAML(typ="safe").load((Path(__file__).parent / "answers.yaml").read_text())
LARGEST = 1_500_000  # bytes of a stored notebook
LOCAL = re.compile(r"(?:^|[\s'\"(])(?:/home/|/root/|/work/|/tmp/|/usr/|/Users/|C:\\\\)|0x[0-9a-f]{6,}")
TIMES = re.compile(r"^Time  |execution_time|\bseconds\b.*\d\.\d", re.MULTILINE)

MOVE = """
moved = _
for control in list(moved.controls.values()):
    ends = [control.min, control.max] if hasattr(control, "max") else getattr(control, "options", [control.value])
    for value in ends:
        control.value = value
print("moved to", type(moved.picture()).__name__)
"""

every_text = pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.stem)


def stored(text: Path):
    return nbformat.read(NOTEBOOKS / f"{text.stem}.ipynb", as_version=4)


def outputs(notebook) -> list:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def said(cell) -> str:
    """What a cell shows, as text."""
    parts = [output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return "".join(parts).strip()


def test_there_are_thirteen_lectures_and_an_index(builder):
    assert [int(text.name[:2]) for text in TEXTS] == list(range(1, 14))
    assert {notebook.stem for notebook in NOTEBOOKS.glob("*.ipynb")} == {text.stem for text in TEXTS}
    assert builder.index() in (NOTEBOOKS / "README.md").read_text()


@every_text
def test_a_notebook_and_its_text_are_in_step(text, builder):
    made, kept = builder.fresh(text), stored(text)
    assert [(cell.cell_type, cell.source) for cell in kept.cells] == [
        (cell.cell_type, cell.source) for cell in made.cells
    ]
    nbformat.validate(kept)
    assert builder.text_of(kept).split() == text.read_text().split()


@every_text
def test_stored_outputs_are_there_and_say_nothing_of_a_machine(text):
    notebook = stored(text)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    kinds = {output.output_type for output in outputs(notebook)}
    assert kinds <= {"stream", "display_data", "execute_result"}
    assert any({"image/png", "image/svg+xml"} & {*output.get("data", {})} for output in outputs(notebook))
    assert not any(output.get("name") == "stderr" for output in outputs(notebook))
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) == {"jupytext", "kernelspec", "language_info"}
    shown = "".join(said(cell) for cell in cells)
    assert not LOCAL.search(shown)
    assert not TIMES.search(shown)
    assert (NOTEBOOKS / f"{text.stem}.ipynb").stat().st_size < LARGEST


@every_text
def test_a_lecture_has_a_question_and_exercises(text, builder):
    notebook = builder.fresh(text)
    title, question = builder.heading(notebook)
    assert title.startswith(f"{int(text.name[:2])} ")
    assert question.endswith("?")
    exercises = [cell for cell in notebook.cells if "answer = None" in cell.source]
    assert len(exercises) == len(ANSWERS[text.stem]) >= 3


@every_text
def test_a_notebook_runs_and_its_exercises_know_right_from_wrong(text, builder):
    """All cells in a kernel of their own; behind each exercise the same with a right and with a wrong answer, and
    behind each slider a cell that moves it to both ends."""
    notebook = builder.fresh(text)
    cells, answers = [], iter(ANSWERS[text.stem])
    for cell in notebook.cells:
        cells.append(cell)
        if "answer = None" in cell.source:
            for answer in next(answers):
                tried = cell.source.replace("answer = None", f"answer = {answer!r}")
                cells.append(nbformat.v4.new_code_cell(tried, metadata={}))
        if re.search(r"^explore\(", cell.source, re.MULTILINE):
            cells.append(nbformat.v4.new_code_cell(MOVE, metadata={}))
    notebook.cells = cells
    builder.run(notebook)
    assert not any(output.output_type == "error" or output.get("name") == "stderr" for output in outputs(notebook))
    moved = [said(cell) for cell in notebook.cells if cell.source == MOVE]
    assert all(line.startswith("moved to") and not line.endswith("Message") for line in moved)
    verdicts = [said(cell) for cell in notebook.cells if re.search(r"^answer = ", cell.source, re.MULTILINE)]
    assert len(verdicts) == 3 * len(ANSWERS[text.stem])
    for unanswered, right, wrong in zip(verdicts[::3], verdicts[1::3], verdicts[2::3], strict=True):
        assert unanswered.startswith("No answer yet")
        assert right == "Right."
        assert wrong.startswith("Not yet")
