"""Flows, contacts and hours as people look at them: scripts, maps, conditions, lists, weeks."""
