"""Drafts as they are kept and what becomes of them; who is on which revision."""
