"""Notices to many: who gets one, and what became of each."""
