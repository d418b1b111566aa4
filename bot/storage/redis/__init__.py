"""The store of many workers, on Redis or Valkey."""
