"""Signing in through a provider of OpenID Connect, with Authlib. `fenced` says where calls may go, `tokens` what an ID token must be."""
