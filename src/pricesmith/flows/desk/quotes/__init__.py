"""The prices in force, kept for price requests."""
