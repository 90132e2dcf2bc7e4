"""The dataset card of Hugging Face: what its hub and the library `datasets` read."""

import re
from pathlib import Path
from typing import Any

from donbas_recognition import _package
from donbas_recognition._cite import cite, creators
from scripts.artefacts import tables
from scripts.artefacts.metadata import facts
from scripts.markdown import header, row

# To be uploaded as README.md, in one folder with the Parquet files.
FILE = "dataset-card.md"
# The table that is loaded where none is named.
SPINE = "statements"

DTYPES = {
    "string": "string",
    "integer": "int64",
    "number": "float64",
    "boolean": "bool",
    "date": "date32",
}
# Upper bounds of the hub's classes of size.
SIZES = {
    1_000: "n<1K",
    10_000: "1K<n<10K",
    100_000: "10K<n<100K",
    1_000_000: "100K<n<1M",
    10_000_000: "1M<n<10M",
}


def _size(rows: int) -> str:
    return next(name for bound, name in SIZES.items() if rows < bound)


def front_matter(root: Path) -> dict[str, Any]:
    """What machines read: licence, languages, and every table with its types and rows.

    Raises
    ------
    ValueError
        If a table cannot be read with the types of its schema.
    """
    package = _package.descriptor()
    rows = facts.rows()
    # `datasets` cannot read a Parquet file without rows.
    filled = [name for name, count in rows.items() if count]
    return {
        "license": facts.licence()["name"].lower(),
        "language": facts.languages(),
        "pretty_name": package["title"],
        "version": package["version"],
        "tags": package["keywords"],
        "size_categories": [_size(sum(rows.values()))],
        "annotations_creators": ["machine-generated"],
        "source_datasets": ["original"],
        "configs": [
            {
                "config_name": name,
                "data_files": [{"split": "train", "path": f"{name}.parquet"}],
                **({"default": True} if name == SPINE else {}),
            }
            for name in filled
        ],
        # Without the types a column of whole numbers with empty cells would become one of floats.
        "dataset_info": [
            {
                "config_name": name,
                "features": [
                    {"name": field["name"], "dtype": DTYPES[field["type"]]}
                    for field in _package.schema(name)["fields"]
                ],
                "splits": [
                    {
                        "name": "train",
                        "num_bytes": tables.read(root, name).nbytes,
                        "num_examples": rows[name],
                    }
                ],
            }
            for name in filled
        ],
    }


def _section(readme: str, title: str, homepage: str) -> str:
    """A section of the README, its links made absolute.

    Raises
    ------
    ValueError
        If the README has no such section.
    """
    found = re.search(
        rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", readme, re.DOTALL | re.MULTILINE
    )
    if not found:
        raise ValueError(f"README.md has no section «{title}», which the dataset card repeats")
    return re.sub(r"\]\((?!https?:)", f"]({homepage}/blob/main/", found[0])


def card(root: Path) -> str:
    """The card of a checkout: front matter, then what people read.

    Raises
    ------
    ValueError
        If the README lacks a section that the card repeats, or a table cannot be read.
    """
    package = _package.descriptor()
    readme = (root / "README.md").read_text(encoding="utf-8")
    rows = facts.rows()
    home = package["homepage"]
    listed = header("table", "rows", "a row is") + "".join(
        row(f"`{r['name']}`", f"{rows[r['name']]:,}", r["description"])
        for r in package["resources"]
    )
    parts = [
        f"---\n{facts.as_yaml(front_matter(root))}---\n",
        f"# {package['title']}\n",
        f"{package['description']}\n",
        f"Version {package['version']} of {facts.released()}, by "
        f"{'; '.join(creators(package))}. The statements are of {facts.coverage()}.\n",
        "## Tables\n",
        listed,
        "Each table with rows is a configuration:\n",
        f'```python\nfrom datasets import load_dataset\n\nload_dataset(path, "{SPINE}")\n```\n',
        "where `path` is the address of this card on the hub, or a folder that holds it as "
        "README.md beside the Parquet files. Ids join the tables. There is no split into training "
        "and test data: `train` is all there is. Every column is explained in the "
        f"[codebook]({home}/blob/main/docs/codebook.md), how the data came about in the "
        f"[datasheet]({home}/blob/main/docs/datasheet.md).\n",
        _section(readme, "Neutrality and limits", home).rstrip() + "\n",
        _section(readme, "Licences", home).rstrip() + "\n",
        f"## How to cite\n\n{cite()}\n\n```bibtex\n{cite('bibtex')}\n```\n",
    ]
    return "\n".join(parts)
