"""Who asked, claimed, denied and demanded what before Russia recognised the DPR and LPR.

The tables hang on ``statements``; every row says that somebody said something, not that it is true.

>>> import donbas_recognition as dr
>>> dr.tables()[:2]
('sources', 'actors')
>>> statements = dr.load("statements")
"""

from donbas_recognition._cite import cite
from donbas_recognition._diff import Diff, diff
from donbas_recognition._digest import data_digest
from donbas_recognition._package import TableName, __version__, package_path, tables
from donbas_recognition._reader import describe, load
from donbas_recognition._resolve import resolve
from donbas_recognition._verify import verify
from donbas_recognition.passages import Fingerprint, contains, fingerprint

__all__ = [
    "Diff",
    "Fingerprint",
    "TableName",
    "__version__",
    "cite",
    "contains",
    "data_digest",
    "describe",
    "diff",
    "fingerprint",
    "load",
    "package_path",
    "resolve",
    "tables",
    "verify",
]
