"""Every command that README and docs print: how they are found, and the list of them."""
