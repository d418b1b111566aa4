"""What is different between two bundles, in sentences that a person without YAML can judge."""
