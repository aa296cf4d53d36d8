"""How long questions take on a large organisation's month."""
