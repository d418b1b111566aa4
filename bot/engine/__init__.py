"""One event in, one new session and effects out."""
