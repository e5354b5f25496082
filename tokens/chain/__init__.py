"""Reading a chain: addresses, cells, what sources answer. Pure, but for `client`."""
