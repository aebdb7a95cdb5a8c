"""Makes the notebooks from their texts: runs every cell, stores the outputs, writes the index.

    python notebooks/build.py              # all of them
    python notebooks/build.py 02 06        # those whose names begin so
    python notebooks/build.py --sync       # from edited notebooks back to their texts

`text/*.py` (jupytext's percent format) is what is edited and reviewed; `*.ipynb` beside this file is made from it.
"""

from __future__ import annotations

import argparse
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
TIMEOUT = 300  # seconds for one cell
LANGUAGE = {"name": "python"}
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
JUPYTEXT = {
    "cell_metadata_filter": "-all",
    "formats": "ipynb,text//py:percent",
    "main_language": "python",
    "notebook_metadata_filter": "-all",
}
WIDGET = "application/vnd.jupyter.widget-view+json"
_TIME = re.compile(r"^Time  .*\n?", re.MULTILINE)  # of a printed result: it differs from run to run


def texts() -> list[Path]:
    """The texts, in order."""
    return sorted((HERE / "text").glob("[0-9]*.py"))


def notebook_path(text: Path) -> Path:
    """Where the notebook of a text is stored."""
    return HERE / f"{text.stem}.ipynb"


def fresh(text: Path) -> Any:
    """The notebook of a text, without outputs."""
    notebook = jupytext.read(text)
    notebook.metadata = nbformat.from_dict({"jupytext": JUPYTEXT, "kernelspec": KERNEL})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        cell.metadata = nbformat.from_dict({})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def run(notebook: Any) -> Any:
    """Runs every cell in a kernel of its own; an error in a cell is an error here."""
    importlib.import_module("matplotlib.font_manager")  # makes its cache of fonts now, not inside a notebook
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        extra_arguments=["--log-level=40"],  # the kernel's own chatter is not ours
        resources={"metadata": {"path": str(HERE)}},
        record_timing=False,
        coalesce_streams=True,
        store_widget_state=False,
    )
    client.execute()
    return notebook


def clean(notebook: Any) -> Any:
    """Without what differs from machine to machine: widgets' numbers, times, versions."""
    notebook.metadata = nbformat.from_dict(
        {"jupytext": JUPYTEXT, "kernelspec": KERNEL, "language_info": {"name": "python"}}
    )
    for output in outputs(notebook):
        output.get("data", {}).pop(WIDGET, None)
        output.get("transient", {}).clear()
        for form in ("text/plain", "text/html"):
            if form in output.get("data", {}):
                output["data"][form] = _TIME.sub("", output["data"][form])
        if "text" in output:
            output["text"] = _TIME.sub("", output["text"])
    return notebook


def outputs(notebook: Any) -> Iterator[Any]:
    """Every output of every cell."""
    for cell in notebook.cells:
        yield from cell.get("outputs", [])


def heading(notebook: Any) -> tuple[str, str]:
    """The title of a notebook and the question it begins with."""
    first = notebook.cells[0].source.strip().split("\n")
    question = next(line.removeprefix("> ").strip() for line in first if line.startswith("> "))
    return first[0].removeprefix("# ").strip(), question


def index() -> str:
    """The list of notebooks for the README."""
    lines = []
    for text in texts():
        title, question = heading(fresh(text))
        lines.append(f"| [{title}]({text.stem}.ipynb) | {question} |")
    return "\n".join(["| notebook | its question |", "| --- | --- |", *lines])


def write_index() -> None:
    """Replaces the list between the marks in the README."""
    readme = HERE / "README.md"
    before, _, rest = readme.read_text().partition("<!-- index -->\n")
    _, _, after = rest.partition("<!-- end -->")
    readme.write_text(f"{before}<!-- index -->\n{index()}\n<!-- end -->{after}")


def text_of(notebook: Any) -> str:
    """The text of a notebook, without a header."""
    bare = nbformat.from_dict({**notebook, "metadata": {"jupytext": JUPYTEXT}})
    written: str = jupytext.writes(bare, fmt="py:percent")
    return written


def sync() -> None:
    """Writes the texts of notebooks that were edited in Jupyter."""
    for notebook in sorted(HERE.glob("[0-9]*.ipynb")):
        text = text_of(nbformat.read(notebook, as_version=4))
        (HERE / "text" / f"{notebook.stem}.py").write_text(text, encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Make the notebooks from their texts.")
    parser.add_argument("names", nargs="*", help="beginnings of names, such as 02; all without any")
    parser.add_argument("--sync", action="store_true", help="write the texts of notebooks that were edited instead")
    chosen = parser.parse_args()
    if chosen.sync:
        sync()
        return
    for text in texts():
        if not chosen.names or text.name.startswith(tuple(chosen.names)):
            print(text.stem, flush=True)
            nbformat.write(clean(run(fresh(text))), notebook_path(text))
    write_index()


if __name__ == "__main__":
    main()
