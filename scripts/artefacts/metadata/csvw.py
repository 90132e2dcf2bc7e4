"""CSV on the Web: the W3C's description of the tables, for the zip."""

from typing import Any

from donbas_recognition import _package
from donbas_recognition._cite import cite, creators
from donbas_recognition.checks.relations import references
from donbas_recognition.checks.tableschema import required
from scripts.artefacts.metadata import facts

# Where a reader looks for it, beside the tables that it names.
FILE = "csv-metadata.json"

DATATYPES: dict[str, dict[str, Any]] = {
    "string": {"base": "string"},
    "integer": {"base": "integer"},
    "number": {"base": "decimal"},
    "boolean": {"base": "boolean", "format": "true|false"},
    "date": {"base": "date", "format": "yyyy-MM-dd"},
}


def _datatype(field: dict[str, Any]) -> dict[str, Any]:
    """Datatype of a column; of the constraints, `unique` is the one that CSVW cannot say."""
    datatype = dict(DATATYPES[field["type"]])
    constraints = field.get("constraints", {})
    if "enum" in constraints:
        datatype["format"] = f"(?:{'|'.join(constraints['enum'])})"
    elif "pattern" in constraints:
        datatype["format"] = constraints["pattern"]
    for name in ("minimum", "maximum", "minLength", "maxLength"):
        if name in constraints:
            datatype[name] = constraints[name]
    return datatype


def _table(resource: dict[str, Any], rows: int) -> dict[str, Any]:
    schema = _package.schema(resource["name"])
    dialect = resource["dialect"]
    paths = {r["name"]: r["path"] for r in _package.descriptor()["resources"]}
    return {
        "url": resource["path"],
        "dc:title": resource["title"],
        "dc:description": resource["description"],
        "dc:extent": f"{rows} rows",
        "dialect": {
            "encoding": resource["encoding"],
            "delimiter": dialect["delimiter"],
            "quoteChar": dialect["quoteChar"],
            "doubleQuote": dialect["doubleQuote"],
            "header": dialect["header"],
            "lineTerminators": [dialect["lineTerminator"]],
        },
        "tableSchema": {
            "columns": [
                {
                    "name": field["name"],
                    # The first is what stands in the header.
                    "titles": [field["name"], field["title"]],
                    "dc:description": field["description"],
                    "datatype": _datatype(field),
                    "required": required(schema, field),
                    "null": schema["missingValues"],
                }
                for field in schema["fields"]
            ],
            "primaryKey": schema["primaryKey"],
            "foreignKeys": [
                {
                    "columnReference": [column],
                    "reference": {"resource": paths[table], "columnReference": [key]},
                }
                for column, table, key in references(schema)
            ],
        },
    }


def document() -> dict[str, Any]:
    """The table group of the dataset, with addresses relative to the top of the zip."""
    package = _package.descriptor()
    rows = facts.rows()
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:identifier": package["id"],
        "dc:title": package["title"],
        "dc:description": package["description"],
        "dc:creator": creators(package),
        "dc:issued": facts.released(),
        "dc:temporal": facts.coverage(),
        "dc:license": {"@id": facts.licence()["path"]},
        "dc:rights": facts.not_licensed(),
        "dc:bibliographicCitation": cite(),
        "dcat:keyword": package["keywords"],
        "schema:version": package["version"],
        "tables": [_table(resource, rows[resource["name"]]) for resource in package["resources"]],
    }
