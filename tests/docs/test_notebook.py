"""docs/tutorials/notebook.ipynb: it is stored without outputs, and it runs from its own folder as a user runs it."""

import re

import nbformat
from nbclient import NotebookClient

from tests.support.paths import PROJECT

NOTEBOOK = PROJECT / "docs" / "tutorials" / "notebook.ipynb"


def test_it_is_stored_without_outputs() -> None:
    cells = [cell for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "code"]
    assert [cell for cell in cells if cell.outputs or cell.execution_count is not None] == []


def test_it_runs_and_shows_what_it_says() -> None:
    notebook = nbformat.read(NOTEBOOK, 4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    shown = [
        "".join(output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    texts = "\n".join(shown)
    assert "sample/" in shown[1]  # the ids of documents
    assert "validation" in shown[2]  # splits in columns
    assert "Total params" in texts
    assert "val_accuracy" in texts
    assert "top_5_accuracy" in texts
    assert shown[-3].count("'") == 6  # three topics
    assert "blessed" in shown[-2]
    [report] = [output["data"]["text/html"] for output in notebook.cells[-1].outputs]
    assert re.search("&lt;title&gt;Run [^&]*: sample&lt;/title&gt;", report)
