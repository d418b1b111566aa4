"""What a command gets from its environment, or ends by.

Rule 1: whoever is refused is told why in a sentence, and the exit code tells.
"""

import os
from typing import NoReturn

import typer

from bot import config
from bot.i18n.plain import plain


def settings() -> config.Settings:
    """Give the settings of this environment, or end with every problem of them."""
    try:
        return config.read(os.environ)
    except config.BadSettings as bad:
        for problem in bad.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(2) from None


def fail(sentence: str, code: int = 1) -> NoReturn:
    """Say why, and end."""
    typer.echo(sentence, err=True)
    raise typer.Exit(code)


def one_line(words: str) -> str:
    """Give what somebody wrote elsewhere as one line in which nothing steers the terminal."""
    return " ".join(plain(words).split())
