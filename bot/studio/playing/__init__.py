"""A draft played by the real engine: phones, every way through a flow, conversations kept as tests."""
