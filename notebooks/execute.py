"""Executes a notebook from top to bottom without a browser; the exit code is 1 when a cell fails.

    PLENARY_OUT=out python notebooks/execute.py [--save executed.ipynb] [notebooks/positions.ipynb]

A relative PLENARY_OUT or PLENARY_FIGURES is taken from the folder where the command is given. The notebook itself
is not changed: outputs are kept only with --save.
"""

import argparse
import os
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

HERE = Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", nargs="?", type=Path, default=HERE / "positions.ipynb")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the executed notebook")
    arguments = parser.parse_args()

    os.environ["PLENARY_OUT"] = str(Path(os.environ.get("PLENARY_OUT", "out")).resolve())
    if "PLENARY_FIGURES" in os.environ:
        os.environ["PLENARY_FIGURES"] = str(Path(os.environ["PLENARY_FIGURES"]).resolve())
    notebook = nbformat.read(arguments.notebook, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(arguments.notebook.resolve().parent)}}
    )
    try:
        client.execute()
    except CellExecutionError as error:
        uncoloured = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
        print(f"{arguments.notebook}: a cell failed\n{uncoloured}", file=sys.stderr)
        return 1
    finally:
        if arguments.save:
            nbformat.write(notebook, arguments.save)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    print(f"{arguments.notebook.name}: {cells} code cells executed on {os.environ['PLENARY_OUT']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
