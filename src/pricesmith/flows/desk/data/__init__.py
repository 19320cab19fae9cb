"""What the shop is read from, and what its tables leave unsaid."""
