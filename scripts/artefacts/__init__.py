"""What a release is made of: one module an artefact, each with a function ``make``."""

from collections.abc import Callable
from pathlib import Path

from scripts.artefacts import archive, changes, distributions, metadata, parquet, sqlite, xlsx

# What is made, in this order, by a function of the checkout and the folder that it writes into;
# a later one may read what an earlier one wrote.
MAKERS: dict[str, Callable[[Path, Path], None]] = {
    "data package": archive.make,
    "Parquet": parquet.make,
    "SQLite": sqlite.make,
    "XLSX": xlsx.make,
    "changes": changes.make,
    "sdist and wheel": distributions.make,
    # The last, for they describe all other files.
    "metadata": metadata.make,
}
