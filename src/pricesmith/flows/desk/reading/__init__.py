"""What every question rests on: the ledger read once, answers remembered, and what long commands kept."""
