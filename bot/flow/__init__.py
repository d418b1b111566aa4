"""What a flow is, and how YAML becomes a program."""
