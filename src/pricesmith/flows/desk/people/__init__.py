"""Accounts: who may use the desk, and how they come in."""
