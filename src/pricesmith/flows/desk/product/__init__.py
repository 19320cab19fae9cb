"""One product in one run: its curve, its past, its family, its competitors, and why its price is what it is."""
