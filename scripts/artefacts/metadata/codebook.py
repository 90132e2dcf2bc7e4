"""The codebook in Markdown."""

from donbas_recognition import _package
from donbas_recognition._cite import cite
from donbas_recognition.checks.relations import references
from donbas_recognition.checks.tableschema import required
from scripts.artefacts.metadata import facts
from scripts.markdown import header, row


def codebook() -> str:
    """The codebook in Markdown, from the Table Schemas."""
    package = _package.descriptor()
    out = [
        f"# Codebook of {package['name']} {package['version']}\n\n",
        f"{package['description']}\n\n",
        f"To cite it: {cite()}. Released on {facts.released()} under "
        f"[{facts.licence()['name']}]({facts.licence()['path']}).\n\n",
        "UTF-8, comma-separated, header first, sorted by primary key; an empty cell is a missing "
        "value; dates are ISO 8601; truth values are `true` and `false`.\n\n",
        header("table", "title", "key", "what a row is"),
    ]
    schemas = [_package.schema(name) for name in _package.NAMES]
    for s in schemas:
        link = f"[{s['name']}](#{s['name']})"
        out.append(row(link, s["title"], " + ".join(s["primaryKey"]), s["description"]))
    for s in schemas:
        out += [f"\n## {s['name']}\n\n{s['description']}\n\n"]
        out.append(header("column", "type", "required", "meaning", "refers to", "example"))
        refers = {column: f"{table}.{key}" for column, table, key in references(s)}
        for f in s["fields"]:
            meaning = f["description"]
            if not f.get("substantive", True):
                meaning += " (Not substantive: a change of it alone is a patch.)"
            pattern = f.get("constraints", {}).get("pattern")
            if pattern:
                meaning += f" Form: `{pattern}`."
            out.append(
                row(
                    f"`{f['name']}`",
                    f["type"],
                    "yes" if required(s, f) else "",
                    meaning,
                    refers.get(f["name"], ""),
                    str(f.get("example", "")).lower()
                    if f["type"] == "boolean"
                    else str(f.get("example", "")),
                )
            )
        for f in s["fields"]:
            if "categories" in f:
                out.append(f"\n**{f['title']}** (`{f['name']}`)\n\n")
                out.append(header("value", "label", "meaning"))
                out += [
                    row(f"`{c['value']}`", c["label"], c["description"]) for c in f["categories"]
                ]
    return "".join(out)
