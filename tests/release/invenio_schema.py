"""Runs in `.invenio`: what InvenioRDM finds wrong with each payload of a JSON list on stdin.

The schema is the one that a server runs, in an application without database or search. The schema
does not look into the vocabularies, so the ids are looked up in those that come with InvenioRDM.
"""

import csv
import json
import sys
from importlib.resources import files

import yaml
from invenio_app.factory import create_api
from invenio_rdm_records.services.schemas import RDMRecordSchema
from marshmallow import ValidationError

VOCABULARIES = files("invenio_rdm_records") / "fixtures" / "data" / "vocabularies"
# Where ids of which vocabulary stand: all `id` found below these keys of the metadata.
PLACES = {
    ("resource_type",): "resource_types.yaml",
    ("languages",): "languages.yaml",
    ("rights",): "licenses.csv",
    ("dates", "type"): "date_types.yaml",
    ("additional_descriptions", "type"): "description_types.yaml",
    ("related_identifiers", "relation_type"): "relation_types.yaml",
    ("related_identifiers", "resource_type"): "resource_types.yaml",
}


def ids(name):
    text = (VOCABULARIES / name).read_text("utf-8")
    if name.endswith(".csv"):
        return {row["id"] for row in csv.DictReader(text.splitlines())}
    return {entry["id"] for entry in yaml.load(text, yaml.CSafeLoader)}


def used(node, keys):
    for one in node if isinstance(node, list) else [node]:
        if keys:
            yield from used(one.get(keys[0], []), keys[1:])
        elif one:
            yield one["id"]


def wrong(schema, known, payload):
    try:
        schema.load(payload)
    except ValidationError as error:
        return error.normalized_messages()
    return {
        ".".join(keys): id
        for keys, name in PLACES.items()
        for id in used(payload["metadata"], keys)
        if id not in known[name]
    }


def main():
    app = create_api(SQLALCHEMY_DATABASE_URI="sqlite://", SECRET_KEY="none")
    known = {name: ids(name) for name in set(PLACES.values())}
    with app.app_context():
        schema = RDMRecordSchema()
        found = [wrong(schema, known, payload) for payload in json.load(sys.stdin)]
    json.dump(found, sys.stdout, default=str)


if __name__ == "__main__":
    main()
