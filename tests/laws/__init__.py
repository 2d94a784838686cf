"""The laws of the whole product, held against whatever both sides and the user may do."""
