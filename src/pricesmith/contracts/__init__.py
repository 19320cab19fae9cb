"""What all floors agree on: tables, protocols, policy, money, errors, registry."""
