"""What authors do with flows: drafts, edits, differences, previews, tables. Pages and commands show it; nothing here draws."""
