"""The command line: ``python -m scripts``."""

import atexit
import gc
import importlib
import io
import sys

import click

COMMANDS = (
    "add",
    "build",
    "check",
    "copies",
    "diff",
    "docs",
    "fingerprint",
    "format",
    "new",
    "publish",
    "register",
    "reliability",
    "sample",
    "show",
    "stats",
    "verify",
)


class Commands(click.Group):
    """Loads the module of a command only when it is called, so that help is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"scripts.{cmd_name}").command
        return command


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 all is well, 1 something was found, 2 the call was wrong.",
)
def main() -> None:
    """Curate, check and release the dataset.

    A curator's round: `add` takes a worksheet (or `new` gives a skeleton row and `fingerprint` its
    evidence), `format` puts the files in order, `check` says what is wrong and how to mend it.
    """
    # A terminal or pipe that lacks a letter shows its code; it does not end the command.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    # At the end Python looks through all that was imported for cycles; nothing needs it then.
    atexit.register(gc.freeze)
    main(prog_name="python -m scripts")
