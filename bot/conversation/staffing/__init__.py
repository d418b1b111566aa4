"""Colleagues: their accounts, rights, absence, and the one door that lets them in."""
