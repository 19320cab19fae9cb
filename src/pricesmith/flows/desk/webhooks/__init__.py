"""Who is told of acts, and what became of the messages."""
