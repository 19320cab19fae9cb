"""From agreed prices to the shop and back: plan, waves, gate, worker, kill switch, undo."""
