"""Croissant 1.0, which loaders for machine learning and Google Dataset Search read."""

from typing import Any

from donbas_recognition import _package
from donbas_recognition._cite import cite, creators
from donbas_recognition.checks.relations import references
from scripts.artefacts.metadata import facts
from scripts.artefacts.metadata.facts import Artefact

# The context of the specification, which every document repeats.
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{
        name: f"cr:{name}"
        for name in (
            "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty",
            "fileObject", "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key",
            "md5", "parentField", "path", "recordSet", "references", "regex", "repeated",
            "replace", "samplingRate", "separator", "source", "subField", "transform",
        )
    },
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
}  # fmt: skip

DATA_TYPES = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
}


def _column(table: str, column: str) -> dict[str, Any]:
    return {"fileObject": {"@id": f"{table}.parquet"}, "extract": {"column": column}}


def _record_set(name: str) -> dict[str, Any]:
    schema = _package.schema(name)
    refers = {column: (table, key) for column, table, key in references(schema)}
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": schema["description"],
        "key": [{"@id": f"{name}/{column}"} for column in schema["primaryKey"]],
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{field['name']}",
                "name": field["name"],
                "description": field["description"],
                "dataType": DATA_TYPES[field["type"]],
                "source": _column(name, field["name"]),
                **(
                    {"references": _column(*refers[field["name"]])}
                    if field["name"] in refers
                    else {}
                ),
            }
            for field in schema["fields"]
        ],
    }


def document(files: list[Artefact]) -> dict[str, Any]:
    """The dataset, its files and its tables as record sets.

    Parameters
    ----------
    files : list of Artefact
        The files of the release, among them ``<table>.parquet`` for every table: the records are
        read from these, because a Croissant reader guesses the types of CSV, and takes the code
        "022" for the number 22. Their addresses are relative to the document.

    Raises
    ------
    ValueError
        If the Parquet file of a table is missing.
    """
    package = _package.descriptor()
    names = {file.name for file in files}
    for name in _package.NAMES:
        if f"{name}.parquet" not in names:
            raise ValueError(f"{name}.parquet is not among the artefacts; Croissant reads it")
    archive = f"{package['name']}-{package['version']}.zip"
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": package["title"],
        "alternateName": package["name"],
        "description": package["description"],
        "url": package["homepage"],
        "version": package["version"],
        "datePublished": facts.released(),
        "license": facts.licence()["path"],
        "copyrightNotice": facts.not_licensed(),
        "citeAs": cite("bibtex"),
        "creator": [{"@type": "sc:Organization", "name": name} for name in creators(package)],
        "keywords": package["keywords"],
        "inLanguage": facts.languages(),
        "temporalCoverage": facts.coverage(),
        "distribution": [
            *(
                {
                    "@type": "cr:FileObject",
                    "@id": file.name,
                    "name": file.name,
                    "contentUrl": file.name,
                    "encodingFormat": "application/x-parquet"
                    if file.name.endswith(".parquet")
                    else file.media_type,
                    "contentSize": f"{file.size} B",
                    "sha256": file.sha256,
                }
                for file in files
            ),
            *(
                {
                    "@type": "cr:FileObject",
                    "@id": resource["path"],
                    "name": resource["path"],
                    "description": resource["description"],
                    "containedIn": {"@id": archive},
                    "contentUrl": resource["path"],
                    "encodingFormat": resource["mediatype"],
                }
                for resource in package["resources"]
            ),
        ],
        "recordSet": [_record_set(name) for name in _package.NAMES],
    }
