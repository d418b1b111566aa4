"""The service: accept, step, commit, send, work a case, forget."""
