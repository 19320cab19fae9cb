"""Durable work: inside one process, or through DBOS on the ledger's database."""
