"""Metadata for catalogues, all from the descriptor, the schemas and the tables."""

from pathlib import Path

from scripts.artefacts.metadata import croissant, datacite, facts, hugging_face, schema_org
from scripts.artefacts.metadata.codebook import codebook


def make(root: Path, target: Path) -> None:
    """Describe the files that a folder already holds, in files of the same folder.

    Raises
    ------
    ValueError
        If a file of an unknown kind lies there, or a table has no Parquet file.
    """
    files = facts.artefacts(target)
    texts = {
        "CODEBOOK.md": codebook(),
        "croissant.json": facts.as_json(croissant.document(files)),
        "datacite.json": facts.as_json(datacite.document(files)),
        "schema-org.jsonld": facts.as_json(schema_org.document(files)),
        hugging_face.FILE: hugging_face.card(root),
    }
    for name, text in texts.items():
        (target / name).write_text(text, encoding="utf-8", newline="\n")
