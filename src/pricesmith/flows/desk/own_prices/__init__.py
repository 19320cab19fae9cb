"""Prices that people set in place of those decided."""
