"""schema.org Dataset in JSON-LD, which search engines for data read."""

from typing import Any

from donbas_recognition import _package
from donbas_recognition._cite import cite, creators
from scripts.artefacts.metadata import facts
from scripts.artefacts.metadata.facts import Artefact

# The context stands in the document, so that a reader need not fetch it.
CONTEXT = {
    "@vocab": "https://schema.org/",
    **{name: {"@type": "@id"} for name in ("contentUrl", "license", "url")},
}


def document(files: list[Artefact]) -> dict[str, Any]:
    """The dataset for search engines.

    Parameters
    ----------
    files : list of Artefact
        The files that can be downloaded; their addresses are relative to the document until the
        release has a DOI.
    """
    package = _package.descriptor()
    return {
        "@context": CONTEXT,
        "@type": "Dataset",
        "identifier": package["id"],
        "name": package["title"],
        "alternateName": package["name"],
        "description": package["description"],
        "url": package["homepage"],
        "version": package["version"],
        "datePublished": facts.released(),
        "license": facts.licence()["path"],
        "copyrightNotice": facts.not_licensed(),
        "creator": [
            {"@type": "Organization", "name": name, "url": package["homepage"]}
            for name in creators(package)
        ],
        # `citation` would be of works that are to be cited beside the dataset.
        "creditText": cite(),
        "keywords": package["keywords"],
        "inLanguage": facts.languages(),
        "isAccessibleForFree": True,
        "temporalCoverage": facts.coverage(),
        "spatialCoverage": {"@type": "Place", "name": facts.PLACE},
        "size": [
            {"@type": "QuantitativeValue", "name": name, "value": count, "unitText": "rows"}
            for name, count in facts.rows().items()
        ],
        "variableMeasured": [
            {
                "@type": "PropertyValue",
                "name": f"{name}.{field['name']}",
                "alternateName": field["title"],
                "description": field["description"],
            }
            for name in _package.NAMES
            for field in _package.schema(name)["fields"]
        ],
        "distribution": [
            {
                "@type": "DataDownload",
                "name": file.name,
                "contentUrl": facts.address(file.name),
                "encodingFormat": file.media_type,
                "contentSize": f"{file.size} B",
                "sha256": file.sha256,
            }
            for file in files
        ],
    }
