"""`amana try` and `amana test`: the real engine in the terminal, and the written conversations of authors.

Rule 1: neither opens a store or a network.
"""

import sys
from pathlib import Path

import typer

from bot.bootstrap.flows import FlowsRefused, compiled
from bot.bootstrap.system import SystemClock, chance
from bot.channels.terminal import Talk
from bot.checks.chat import ChatResult, run_chats
from bot.cli.folder import bundle_of
from bot.flow.bundle import Bundle
from bot.flow.program import Program


def program_of(bundle: Bundle) -> Program:
    """Compile a bundle, or print its problems and end."""
    try:
        return compiled(bundle)
    except FlowsRefused as refused:
        for problem in refused.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(1) from None


def talk(flow: str, language: str, folder: Path) -> None:
    """Talk in the terminal, or play the lines of standard input."""
    program = program_of(bundle_of(folder))
    if flow and flow not in program.flows:
        typer.echo(f"no flow {flow}; there are: {', '.join(program.flows)}", err=True)
        raise typer.Exit(2)
    if language not in program.service.languages:
        typer.echo(f"no language {language}; there are: {', '.join(program.service.languages)}", err=True)
        raise typer.Exit(2)
    clock = SystemClock()
    conversation = Talk(program=program, language=language, now=clock.now, chance=chance, out=typer.echo)
    conversation.begin(flow)
    if not sys.stdin.isatty():
        conversation.play(sys.stdin)
        return
    typer.echo("(write; [key] presses a button; /stop /erase /help /human /menu /back /repeat /language /privacy; Ctrl-D ends)\n")
    while True:
        try:
            conversation.hear(input("> "))
        except EOFError:
            return


def _chat(file: Path) -> str:
    """Give a written conversation, or say why not and end."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        typer.echo(f"{file} cannot be read: {why}. Give `.chat` files, or none for all of flows/tests.", err=True)
        raise typer.Exit(2) from None


def play(files: list[Path], folder: Path) -> int:
    """Play conversations in every language that applies; gives the exit code."""
    bundle = bundle_of(folder)
    program = program_of(bundle)
    chosen = {str(file): _chat(file) for file in files} or {path: bundle[path] for path in bundle.test_paths()}
    results: list[ChatResult] = list(run_chats(program, chosen))
    for result in results:
        if not result.passed:
            typer.echo(str(result))
    failed = sum(not result.passed for result in results)
    typer.echo(f"{len(chosen)} conversations, {len(results)} runs in {len(program.service.languages)} languages")
    typer.echo(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0
