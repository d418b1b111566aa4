"""Amana: a messaging service that people can trust with what they say."""
