"""Runs as they were made: what each adds up to, whether it is still in force, and how two of them differ."""
