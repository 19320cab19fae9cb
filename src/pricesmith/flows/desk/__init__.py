"""What the price desk asks for."""
