"""Sending to addresses of others. `public` says which may be asked, `sender` asks them."""
