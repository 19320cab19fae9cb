"""Who agrees with the changes of a run, what stands in the way, and where each change stands."""
