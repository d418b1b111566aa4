"""The wiring: the real clock and chance, the flows of a folder, and a whole process."""
