"""How messages become rows, and how fast rows may go. Time is an input."""
