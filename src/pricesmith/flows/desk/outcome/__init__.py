"""What prices did, and what earlier runs had foretold."""
