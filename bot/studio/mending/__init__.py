"""A problem explained, where it belongs, and the button that mends it; what an approver looks at."""
