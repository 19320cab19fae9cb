"""Every act, as the ledger has it."""
