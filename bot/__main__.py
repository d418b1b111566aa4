"""`python -m bot` and the `amana` command."""

from bot.cli.app import main

if __name__ == "__main__":
    main()
