"""One event of one person: its turn, its effects, one commit."""
