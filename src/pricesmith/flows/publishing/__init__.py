"""How prices leave: record, approve, plan, send, read back, undo. Clock, random generator, ledger and shop are arguments."""
