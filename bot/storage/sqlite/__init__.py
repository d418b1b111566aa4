"""The store on one small machine."""
