"""Texts in every language side by side, their screens, and the files that translators work in."""
