"""Sealing, keys, pseudonyms, retention."""
