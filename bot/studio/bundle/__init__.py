"""What a bundle holds and what is wrong with it: its flows, its words, the checks, the tests of authors."""
