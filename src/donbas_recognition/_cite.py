"""How to cite the dataset, from its descriptor."""

import json
from typing import Any, Literal

from donbas_recognition._package import descriptor


def doi(package: dict[str, Any]) -> str | None:
    """DOI of a descriptor's dataset, without the resolver's address, or None if it has none yet."""
    identifier = str(package.get("id", ""))
    prefix = "https://doi.org/"
    return identifier.removeprefix(prefix) if identifier.startswith(prefix) else None


def creators(package: dict[str, Any]) -> list[str]:
    """Names of those who made a descriptor's dataset."""
    return [c["title"] for c in package["contributors"] if "creator" in c["roles"]]


def cite(style: Literal["text", "bibtex", "csl"] = "text", version: str | None = None) -> str:
    """Citation of one version of the dataset.

    Parameters
    ----------
    style : {"text", "bibtex", "csl"}
        A sentence, a BibTeX entry, or CSL-JSON (a list with one item, as reference managers
        import it).
    version : str, optional
        A released version, see `package_path`; by default the installed one.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the style is none of the three, or there is no such version.
    ConnectionError, ImportError
        If another version is asked for and cannot be fetched, see `package_path`.
    """
    package = descriptor(version)
    authors = creators(package)
    title, number, day = package["title"], package["version"], package["created"][:10]
    year, month, date = (int(part) for part in day.split("-"))
    identifier = doi(package)
    where = f"https://doi.org/{identifier}" if identifier else package["homepage"]
    if style == "text":
        return f"{'; '.join(authors)} ({year}). {title} (version {number}) [Data set]. {where}"
    if style == "bibtex":
        lines = {
            # Outer braces keep BibTeX from taking a group's name apart.
            "author": " and ".join(f"{{{author}}}" for author in authors),
            "title": f"{{{title}}}",
            "year": str(year),
            "version": number,
            "url": where,
            **({"doi": identifier} if identifier else {}),
        }
        body = ",\n".join(f"  {key} = {{{value}}}" for key, value in lines.items())
        return f"@misc{{{package['name']}-{number},\n{body}\n}}"
    if style == "csl":
        item = {
            "id": f"{package['name']}-{number}",
            "type": "dataset",
            "title": title,
            "author": [{"literal": author} for author in authors],
            "issued": {"date-parts": [[year, month, date]]},
            "version": number,
            "URL": where,
            **({"DOI": identifier} if identifier else {}),
        }
        return json.dumps([item], ensure_ascii=False, indent=2)
    raise ValueError(f"no style {style!r}: the styles are text, bibtex, csl")
