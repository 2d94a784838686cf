"""Records: one customer with its links, values and every write."""
