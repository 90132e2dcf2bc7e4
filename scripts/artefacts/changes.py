"""What changed since the last release: every row and cell, and a page to read."""

from pathlib import Path

import donbas_recognition as dr
from scripts import revisions
from scripts.changes import as_csv, as_markdown


def make(root: Path, target: Path) -> None:
    """Write changes.csv and CHANGES.md into a folder; nothing if no release came before.

    Raises
    ------
    ValueError
        If the last release is neither in the history of the checkout nor to be had elsewhere.
    """
    if revisions.last_release(dr.__version__) is None:
        return
    with revisions.last_package(root) as last:
        found = dr.diff(last, root)
    (target / "changes.csv").write_bytes(as_csv(found).encode("utf-8") + b"\n")
    page = as_markdown(found) + "\nEvery row and cell is in changes.csv.\n"
    (target / "CHANGES.md").write_bytes(page.encode("utf-8"))
