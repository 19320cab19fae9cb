"""One file a page: what it shows, what can be done there, and its ROUTES."""
