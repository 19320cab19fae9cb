"""Set-up of all tests: one Hypothesis profile without deadlines, few examples by default, the same ones every time."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("house", deadline=None, max_examples=50, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
