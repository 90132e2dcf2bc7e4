"""What became of an id."""

from difflib import get_close_matches

from donbas_recognition._package import NAMES, TableName, schema


def resolve(id: str, table: TableName | None = None) -> str:
    """Id that stands for an id of any version now.

    Parameters
    ----------
    id : str
        An id of any table, as ``"st-0001"`` or ``"vladimir-putin"``.
    table : str, optional
        Look in this table alone; needed only where two tables use the same slug.

    Returns
    -------
    str
        The id itself if it is in use, else the one that replaced it.

    Raises
    ------
    ValueError
        If the id was retired and nothing replaced it (the message has the version and the reason),
        or was never used (the message has the nearest).

    Examples
    --------
    >>> import donbas_recognition as dr
    >>> dr.resolve("st-0001")
    'st-0001'
    """
    from donbas_recognition._reader import load

    if table is not None and table not in NAMES:
        raise ValueError(f"no table {table!r}; the tables are: {', '.join(NAMES)}")
    keys = {name: schema(name)["primaryKey"] for name in NAMES if table in (None, name)}
    known: dict[str, set[str]] = {
        name: set(load(name)[key[0]])  # type: ignore[arg-type]
        for name, key in keys.items()
        if len(key) == 1
    }
    if any(id in ids for ids in known.values()):
        return id
    tombs = {(tomb.table, tomb.id): tomb for tomb in load("retired_ids").itertuples()}
    for name, ids in known.items():
        current, seen = id, []
        while (name, current) in tombs:
            tomb = tombs[name, current]
            seen.append(current)
            if not isinstance(tomb.replaced_by, str):
                raise ValueError(
                    f"{' → '.join(seen)} was retired from {name} in {tomb.retired_in} and "
                    f"nothing stands for it: {tomb.reason}"
                )
            current = tomb.replaced_by
            if current in seen:
                raise ValueError(f"{' → '.join([*seen, current])}: the tombstones run in a ring")
        if seen and current in ids:
            return current
        if seen:
            raise ValueError(f"{' → '.join([*seen, current])}: the last is no id of {name}")
    near = get_close_matches(id, sorted(set().union(*known.values())), n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"no row has or had the id {id!r}.{hint}")
