"""A shop is tried, connected, and read into the shop folder."""
