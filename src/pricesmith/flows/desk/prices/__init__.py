"""The price table of a run: cut, sorted, grouped, exported."""
