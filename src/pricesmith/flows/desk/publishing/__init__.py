"""How accepted prices leave for a shop: waves, dry runs, receipts, and the way back."""
