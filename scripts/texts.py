"""Texts of sources that a curator has at hand, kept outside the repository."""

from pathlib import Path

import click

option = click.option(
    "--texts",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="DONBAS_TEXTS",
    help="Folder with texts of sources as <source_id>.txt (also from DONBAS_TEXTS); quotes and "
    "fingerprints are looked up in them.",
)


def read(folder: Path | None) -> dict[str, str]:
    """Texts at hand, by source id.

    Raises
    ------
    ValueError
        If a file is not UTF-8.
    """
    texts = {}
    for path in sorted(filter(Path.is_file, folder.glob("src-*.txt"))) if folder else []:
        try:
            texts[path.stem] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"{path}: not UTF-8 ({error.reason}); save it as UTF-8") from error
    return texts
