"""Persons at the price desk, in the ledger's own database but not in its chain. One idea a file:

checks       what may stand there: names, passwords, roles, scopes, texts
digests      random secrets, and what is kept of them; `passwords` those that people choose
tables       the tables; `migrations` make them
people       persons, and who signs in; sessions, keys, replies, kept: the other protocols of contracts/accounts.py
opening      all five in one database
"""
