"""One Parquet file a table."""

import json
from pathlib import Path

from pyarrow import parquet

from donbas_recognition import _package
from scripts.artefacts import tables


def make(root: Path, target: Path) -> None:
    """Write the tables of a checkout into a folder, each as ``<table>.parquet``.

    Every column carries its ``title`` and ``description``; the file carries what `tables.about`
    says, and its Table Schema as ``table_schema``. Columns with a vocabulary are plain text: as
    dictionaries they would be categories to one reader and text to the next, in an order of their
    own.
    """
    about = tables.about(root)
    for name in _package.NAMES:
        table, schema = tables.read(root, name), _package.schema(name)
        for place, f in enumerate(schema["fields"]):
            told = {"title": f["title"], "description": f["description"]}
            field = table.schema.field(place).with_metadata(told)
            table = table.cast(table.schema.set(place, field))
        said = about | {"table_schema": json.dumps(schema, ensure_ascii=False)}
        parquet.write_table(table.replace_schema_metadata(said), target / f"{name}.parquet")
