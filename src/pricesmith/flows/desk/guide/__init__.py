"""The first-run guide: what it asks about a shop, and what it proposes."""
