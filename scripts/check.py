"""The command `check`."""

from pathlib import Path

import click

from donbas_recognition.checks import find
from scripts import report, texts
from scripts.errors import reported


@click.command("check")
@click.argument("package", required=False, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format",
    "style",
    type=click.Choice(list(report.FORMATS)),
    default="text",
    show_default=True,
    help="How to print the findings.",
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@texts.option
@reported
def command(package: Path | None, style: str, as_json: bool, folder: Path | None) -> None:
    """Say what is wrong, in which file, line and column, and how to mend it.

    Checks the files, the schemas, the references and the coding rules of PACKAGE (a folder or a
    zip of a data package), by default of this checkout. Warnings are listed, errors stop a release.

    Exit code: 0 no error, 1 errors found, 2 the call was wrong.
    """
    style = "json" if as_json else style
    findings = find(package, texts=texts.read(folder))
    if findings or style in ("json", "sarif"):
        click.echo(report.FORMATS[style](findings))
    click.echo(report.summary(findings, str(package or "data")), err=True)
    if any(f.severity == "error" for f in findings):
        raise SystemExit(1)
