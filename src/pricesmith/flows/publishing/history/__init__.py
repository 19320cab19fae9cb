"""What the ledger keeps of a run, and what is read of it: inputs, decisions, reasons, and how its prices came."""
