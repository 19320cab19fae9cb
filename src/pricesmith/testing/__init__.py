"""For tests, also those of plug-in authors: made shops (fakes) and one conformance suite a kind."""
