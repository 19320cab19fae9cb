"""Price quotes over HTTP, in a process of their own: read from memory, never from the database, never computed."""
