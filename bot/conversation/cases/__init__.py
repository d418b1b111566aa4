"""A case: what events do to it, how it is shown, queued, routed and worked at the desk."""
