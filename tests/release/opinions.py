"""Programs of the environment .opinions."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

BIN = ROOT / ".opinions" / "bin"


def opinion(
    name: str, *arguments: str | Path, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run a program of other people; where it is not there, say so."""
    if not (BIN / name).exists():
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not there: `make .opinions/done` was not run; CI must")
        pytest.skip(f"{name} is not there; `make .opinions/done` installs it")
    return subprocess.run(
        [BIN / name, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
