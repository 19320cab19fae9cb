"""A foreign file becomes a table of the shop: headers, numerals, days, keys, costs."""
