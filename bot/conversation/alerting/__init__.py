"""Who is told when nobody comes: the next line, the group, a neutral letter."""
