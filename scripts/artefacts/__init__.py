"""What a release is made of: one module an artefact, each with a function ``make``."""

from collections.abc import Callable
from pathlib import Path

from scripts.artefacts import archive, changes, distributions

# What is made, in this order, by a function of the checkout and the folder that it writes into;
# a later one may read what an earlier one wrote.
MAKERS: dict[str, Callable[[Path, Path], None]] = {
    "data package": archive.make,
    "changes": changes.make,
    "sdist and wheel": distributions.make,
}
