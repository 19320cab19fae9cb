"""What prices did: promised against realised, calibration, regret."""
