"""The ways a person can write."""
