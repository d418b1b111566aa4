"""Telegram: updates in, messages out, a topic for each case."""
