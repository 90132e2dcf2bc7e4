"""The sdist, and the wheel from the sdist."""

import os
import subprocess
import sys
from pathlib import Path

# Hatchling takes the time of its archives from here; any fixed day will do.
SOURCE_DATE_EPOCH = "1577836800"


def make(root: Path, target: Path) -> None:
    """Build the sdist of a checkout into a folder, and the wheel from the sdist.

    Raises
    ------
    ValueError
        If the build fails; the message holds its output.
    """
    environment = os.environ | {"SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH}
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), str(root)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise ValueError(f"the wheel could not be built:\n{done.stdout}{done.stderr}")
