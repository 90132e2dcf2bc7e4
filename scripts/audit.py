"""Audit what the lock files pin: `make audit`, in the environment that has pip-audit.

Licences are read from the metadata of what is installed, vulnerabilities from osv.dev. Exit codes:
0 all is well, 1 something was found, 2 the audit could not be made.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageMetadata, distributions
from importlib.resources import files
from pathlib import Path

from license_expression import (  # type: ignore[import-not-found]
    ExpressionError,
    ExpressionParseError,
    get_spdx_licensing,
)
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OSV = "https://api.osv.dev/v1/query"
# What the database of licence-expression calls free.
FREE = {"Permissive", "Copyleft", "Copyleft Limited", "Public Domain"}
FREE_CLASSIFIERS = ("License :: OSI Approved", "License :: Public Domain")
# Distributions whose metadata name none, or not by its SPDX id: as their LICENSE file says.
READ = {
    "asttokens": "Apache-2.0",
    "bibtexparser": "LGPL-3.0-only OR BSD-3-Clause",
    "bleach": "Apache-2.0",
    "datasette": "Apache-2.0",
    "flask-oauthlib-invenio": "BSD-3-Clause",
    "maxminddb-geolite2": "BSD-3-Clause AND CC-BY-SA-4.0",  # its data: not in the metadata
    "mlcroissant": "Apache-2.0",  # the README of its repository
    "ply": "BSD-3-Clause",  # the heads of its files
    "rich-click": "MIT",
    "uritemplate": "BSD-3-Clause OR Apache-2.0",
}


def pins(lock: Path) -> Iterator[Requirement]:
    """What a lock file pins for this interpreter and system."""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            pin = Requirement(line.removesuffix("\\"))
            if not pin.marker or pin.marker.evaluate():
                yield pin


@cache
def _categories() -> dict[str, str]:
    """Categories of licences, by SPDX id in lower case."""
    index = files("license_expression") / "data" / "scancode-licensedb-index.json"
    known: dict[str, str] = {}
    for entry in json.loads(index.read_text(encoding="utf-8")):
        ids = [entry.get("spdx_license_key"), *entry.get("other_spdx_license_keys", [])]
        known |= {id.lower(): entry["category"] for id in ids if id}
    return known


_licensing = cache(get_spdx_licensing)


def _free(expression: str) -> bool | None:
    """Whether every licence of an SPDX expression is free; None if it is no such expression."""
    try:
        parsed = _licensing().parse(expression)
    except (ExpressionError, ExpressionParseError):
        return None
    if parsed is None:
        return None
    ids = [key.lower() for key in _licensing().license_keys(parsed)]
    categories = {_categories().get(id) for id in ids}
    return None if None in categories else categories <= FREE


def licence(name: str, metadata: PackageMetadata) -> tuple[str, bool]:
    """Licence of a distribution and whether it is free; one that cannot be told is not."""
    stated = [*metadata.get_all("License-Expression", []), *metadata.get_all("License", [])]
    for expression in [*stated, READ.get(name, "")]:
        if (free := _free(expression)) is not None:
            return expression, free
    classifiers = [c for c in metadata.get_all("Classifier", []) if c.startswith("License ::")]
    if classifiers:
        said = ", ".join(c.rpartition(" :: ")[2] for c in classifiers)
        return said, all(c.startswith(FREE_CLASSIFIERS) for c in classifiers)
    return " ".join(stated)[:60] or "no licence stated", False


def licences(lock: Path, environment: Path) -> list[str]:
    """What is wrong with the licences of what a lock file pins; prints how many have which."""
    places = [str(path) for path in environment.glob("lib/python*/site-packages")]
    installed = {canonicalize_name(d.name): d for d in distributions(path=places)}
    wrong, count = [], Counter[str]()
    for pin in pins(lock):
        name = canonicalize_name(pin.name)
        found = installed.get(name)
        if not found or not pin.specifier.contains(found.version, prereleases=True):
            has = found.version if found else "nothing"
            wrong.append(f"{lock.name}: {pin.name}{pin.specifier} is locked, {has} is installed")
            continue
        said, free = licence(name, found.metadata)
        count[said] += 1
        if not free:
            wrong.append(f"{lock.name}: {pin.name}: {said!r} is not known to be a free licence")
    print(f"{lock.name}: {count.total()} licences read")
    for said, number in count.most_common():
        print(f"{number:>5}  {said}")
    return wrong


def vulnerabilities(lock: Path, service: str) -> list[str]:
    """Known vulnerabilities of what a lock file pins.

    Raises
    ------
    OSError
        If the service could not be asked about every pin.
    """
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--strict"]
    options = ["--requirement", str(lock), "--format", "json", "--progress-spinner", "off"]
    options += ["--vulnerability-service", "osv", "--osv-url", service]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    try:
        audited = {d["name"]: d for d in json.loads(done.stdout)["dependencies"]}
    except (ValueError, KeyError) as error:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise OSError(f"{lock.name}: not audited, {service} did not answer: {last}") from error
    missing = {canonicalize_name(p.name) for p in pins(lock)} - set(map(canonicalize_name, audited))
    if missing or any("vulns" not in d for d in audited.values()):
        raise OSError(f"{lock.name}: not audited whole: {', '.join(sorted(missing))}")
    print(f"{lock.name}: {len(audited)} distributions looked up at {service}")
    return [
        f"{lock.name}: {name} {d['version']}: {v['id']}, mended in "
        f"{', '.join(v['fix_versions']) or 'no version'}"
        for name, d in audited.items()
        for v in d["vulns"]
    ]


def main() -> int:
    """Audit pairs of lock file and environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", nargs="+", metavar="LOCK=ENVIRONMENT")
    parser.add_argument("--osv-url", default=OSV)
    arguments = parser.parse_args()
    found, failed = [], []
    for pair in arguments.pairs:
        lock, environment = map(Path, pair.split("="))
        if environment.exists():
            found += licences(lock, environment)
        else:
            failed.append(f"{lock.name}: licences not looked at, {environment} is not there")
        try:
            found += vulnerabilities(lock, arguments.osv_url)
        except OSError as error:
            failed.append(str(error))
    for line in [*found, *failed]:
        print(line, file=sys.stderr)
    print(f"{len(found)} findings, {len(failed)} parts not audited", file=sys.stderr)
    return 1 if found else 2 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
