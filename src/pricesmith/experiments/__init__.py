"""Who gets which price on purpose: clusters, arms by stable hash, and what their difference says."""
