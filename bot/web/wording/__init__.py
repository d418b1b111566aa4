"""What pages say: ids and their English, a file for each kind of page."""
