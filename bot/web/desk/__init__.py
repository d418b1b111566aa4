"""The pages of the desk: the queue, a case, its thread and acts, and the whole desk at a glance."""
