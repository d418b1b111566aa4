"""The command line: what operators, authors and translators do by hand."""
