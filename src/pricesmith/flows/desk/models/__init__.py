"""What the models learned, and what their tests say against them."""
