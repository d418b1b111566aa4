"""One ASGI application: chat page, desk, health."""
