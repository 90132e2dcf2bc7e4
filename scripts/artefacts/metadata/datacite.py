"""DataCite metadata, schema 4.5, as its REST API takes it."""

from typing import Any

from donbas_recognition import _package
from donbas_recognition._cite import creators, doi
from scripts.artefacts.metadata import facts
from scripts.artefacts.metadata.facts import Artefact

SCHEMA = "http://datacite.org/schema/kernel-4"


def document(files: list[Artefact]) -> dict[str, Any]:
    """The dataset for DataCite.

    Parameters
    ----------
    files : list of Artefact
        The files that are deposited; their media types are the formats.

    Returns
    -------
    dict
        With ``doi`` once the descriptor has one. Until then the address of the dataset is its
        alternate identifier, and the contributors are the publisher.
    """
    package = _package.descriptor()
    identifier = doi(package)
    licence = facts.licence()
    names = creators(package)
    address = package["homepage"]
    return {
        "schemaVersion": SCHEMA,
        **(
            {"doi": identifier}
            if identifier
            else {
                "alternateIdentifiers": [
                    {"alternateIdentifier": package["id"], "alternateIdentifierType": "URL"}
                ]
            }
        ),
        "url": address,
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Dataset"},
        "creators": [{"name": name, "nameType": "Organizational"} for name in names],
        "titles": [{"title": package["title"], "lang": "en"}],
        "publisher": {"name": "Zenodo" if identifier else "; ".join(names)},
        "publicationYear": facts.released()[:4],
        "contributors": [
            {"name": name, "nameType": "Organizational", "contributorType": "DataCurator"}
            for name in names
        ],
        "dates": [
            {"date": facts.released(), "dateType": "Issued"},
            # The type "Coverage" comes with schema 4.6.
            {
                "date": facts.coverage(),
                "dateType": "Other",
                "dateInformation": "Coverage: the days that the statements are of",
            },
        ],
        "language": "en",
        "subjects": [{"subject": keyword, "lang": "en"} for keyword in package["keywords"]],
        "geoLocations": [{"geoLocationPlace": facts.PLACE}],
        "descriptions": [
            {"description": package["description"], "descriptionType": "Abstract", "lang": "en"},
            {
                "description": "\n".join(
                    f"{resource['name']}: {resource['description']}"
                    for resource in package["resources"]
                ),
                "descriptionType": "TableOfContents",
                "lang": "en",
            },
        ],
        "rightsList": [
            {
                "rights": licence["title"],
                "rightsUri": licence["path"],
                "rightsIdentifier": licence["name"].lower(),
                "rightsIdentifierScheme": "SPDX",
                "schemeUri": "https://spdx.org/licenses/",
                "lang": "en",
            },
            {"rights": facts.not_licensed(), "lang": "en"},
        ],
        "relatedIdentifiers": [
            {
                "relatedIdentifier": address,
                "relatedIdentifierType": "URL",
                "relationType": "IsDocumentedBy",
            }
        ],
        "sizes": [
            *(f"{count} rows in {name}" for name, count in facts.rows().items()),
            f"{sum(file.size for file in files)} bytes in {len(files)} files",
        ],
        "formats": sorted({file.media_type for file in files}),
        "version": package["version"],
    }
