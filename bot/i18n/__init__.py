"""Message ids and values become sentences; words become meaning."""
