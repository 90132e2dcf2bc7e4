"""Load the tables as typed pandas frames."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from donbas_recognition import _package
from donbas_recognition._package import TableName, descriptor, schema

if TYPE_CHECKING:
    import pandas as pd

# Table Schema type -> pandas dtype; dates are converted after reading, with their explicit format.
DTYPES = {
    "string": "string",
    "integer": "Int64",
    "number": "Float64",
    "boolean": "boolean",
    "date": "string",
}


def _known(name: str, version: str | None) -> str:
    names = [resource["name"] for resource in descriptor(version)["resources"]]
    if name in names:
        return name
    near = get_close_matches(str(name), names, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise ValueError(f"no table {name!r}{hint} The tables are: {', '.join(names)}")


def _categories(field: dict[str, Any]) -> list[str]:
    return [category["value"] for category in field.get("categories", [])]


def load(name: TableName, version: str | None = None) -> "pd.DataFrame":
    """Load one table.

    Parameters
    ----------
    name : str
        One of `tables`.
    version : str, optional
        A released version, as ``"0.1.0"``, read by its own schemas; see `package_path`. By default
        the installed data.

    Returns
    -------
    pandas.DataFrame
        One row a record, in the order of the primary key, with the columns that `describe` lists.
        Text is ``string``, whole numbers ``Int64``, truth values ``boolean``, dates
        ``datetime64``, and columns with a vocabulary are ``category`` in the vocabulary's order.
        Empty cells are missing values. Ids are ordinary columns.

    Raises
    ------
    ValueError
        If there is no table of that name (the message has the names and the nearest) or no such
        version.
    ConnectionError, ImportError
        If another version is asked for and cannot be fetched, see `package_path`.

    Examples
    --------
    >>> import donbas_recognition as dr
    >>> dr.load("statements")["act"].cat.categories[0]
    'declaration'
    """
    import pandas as pd

    fields = schema(_known(name, version), version)["fields"]
    frame = pd.read_csv(
        _package.package_path(version) / "data" / f"{name}.csv",
        dtype={
            f["name"]: pd.CategoricalDtype(_categories(f))
            if "categories" in f
            else DTYPES[f["type"]]
            for f in fields
        },
        encoding="utf-8",
        index_col=False,
        keep_default_na=False,
        na_values=[""],
    )
    for f in fields:
        if f["type"] == "date":
            frame[f["name"]] = pd.to_datetime(frame[f["name"]], format="%Y-%m-%d")
    return frame


def describe(name: TableName, version: str | None = None) -> "pd.DataFrame":
    """Codebook of one table.

    Parameters
    ----------
    name : str
        One of `tables`.
    version : str, optional
        A released version; by default the installed data.

    Returns
    -------
    pandas.DataFrame
        One row a column of the table: ``column``, ``type`` (of the Table Schema), ``required``,
        ``meaning``, ``values`` (a mapping from each member of the vocabulary to its description,
        else None), ``references`` (``table.column`` of the foreign key, else None) and
        ``example``.

    Raises
    ------
    ValueError
        If there is no table of that name, or no such version.
    ConnectionError, ImportError
        If another version is asked for and cannot be fetched, see `package_path`.
    """
    import pandas as pd

    table = schema(_known(name, version), version)
    references = {
        key["fields"][0]: f"{key['reference']['resource'] or name}.{key['reference']['fields'][0]}"
        for key in table.get("foreignKeys", [])
    }
    return pd.DataFrame(
        [
            {
                "column": f["name"],
                "type": f["type"],
                "required": f["name"] in table["primaryKey"]
                or f.get("constraints", {}).get("required", False),
                "meaning": f["description"],
                "values": {c["value"]: c["description"] for c in f["categories"]}
                if "categories" in f
                else None,
                "references": references.get(f["name"]),
                "example": f.get("example"),
            }
            for f in table["fields"]
        ]
    )
