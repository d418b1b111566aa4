"""Rows that are due, given to their channels in order, and what became of them."""
