"""Errors that a command shows without a traceback."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click


class Refused(click.ClickException):
    """The call cannot be carried out."""

    exit_code = 2


P = ParamSpec("P")
R = TypeVar("R")


def reported(function: Callable[P, R]) -> Callable[P, R]:
    """Turn errors of the user's making (files, values) into a line on stderr and exit code 2."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (OSError, ValueError, UnicodeError) as error:
            raise Refused(str(error)) from error

    return wrapper
