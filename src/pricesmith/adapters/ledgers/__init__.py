"""The ledger in a database: SQLite by default, PostgreSQL by address. One idea a file:

rows         tables <-> rows as they are stored, checked
laws         what rows must keep to besides their types
chain        canonical bytes, digests, links
database     transactions and errors, the same for both databases; `sqlite` and `postgresql` are the two
place        which of them an address means
migrate      migrations, run when a ledger is opened
write        one act with its rows
outbox       who is sending what
signing      the key that signs heads of the chain
verify       is everything as it was written?
books        all of it behind the protocols of contracts/ledger.py
"""
