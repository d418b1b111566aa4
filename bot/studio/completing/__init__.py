"""What may stand where somebody writes YAML."""
