"""The two services of a connection: connect, check, discover, hold the lease, keep the ledger."""
