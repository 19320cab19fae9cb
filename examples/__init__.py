"""Real public data sets as shop folders: one file a set, `python -m examples.build NAME DIR`."""
