"""The page where a person writes, whole without scripts."""
