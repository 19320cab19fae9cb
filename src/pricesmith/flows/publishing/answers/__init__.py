"""What people say to a run: agreement, refusal, prices of their own, and who may."""
