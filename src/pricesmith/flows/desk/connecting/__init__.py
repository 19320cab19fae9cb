"""Shops and price files: connected, changed, removed, and taken as today's prices."""
