"""From clear words to what is kept: sealed rows, envelopes, case files, revisions, and back."""
