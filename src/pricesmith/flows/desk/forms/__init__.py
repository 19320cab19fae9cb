"""What people type into forms: numbers, shares, products and endings."""
