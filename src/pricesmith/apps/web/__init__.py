"""Pages of the price desk: one file a page, one template a page, one catalogue of words a page."""
