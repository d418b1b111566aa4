"""The flow studio: pages where authors change flows, see them as a phone shows them, and publish them."""
