"""Two services with so many records that none is kept: each is made from its number when asked."""
