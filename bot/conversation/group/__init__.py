"""The caseworkers' group: its words, posts, topics and how they end."""
