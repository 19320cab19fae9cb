"""What the price desk asks of a shop: one file a question."""
