"""A file as its author left it: what stands where, and small changes to its text that keep everything else."""
