"""What if: the same run decided again under changes, plan beside plan."""
