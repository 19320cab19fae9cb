"""What the page Today tells: what is worth looking at, what is wrong and what is old."""
