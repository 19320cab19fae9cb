"""One file a group of promises; each registers its checks."""
