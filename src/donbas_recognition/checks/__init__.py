"""Hold a data package, or frames of your own, to the schemas and coding rules.

Needs the extra ``check``: ``pip install 'donbas-recognition[check]'``.
"""

from importlib.util import find_spec

if not (find_spec("pandera") and find_spec("polars")):
    raise ImportError(
        "donbas_recognition.checks needs pandera and polars: "
        "pip install 'donbas-recognition[check]'"
    )

from donbas_recognition.checks.engine import check, find
from donbas_recognition.checks.findings import Finding
from donbas_recognition.checks.package import Package
from donbas_recognition.checks.rules import Rule, rules
from donbas_recognition.checks.tableschema import to_pandera

__all__ = ["Finding", "Package", "Rule", "check", "find", "rules", "to_pandera"]
