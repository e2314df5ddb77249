"""How fast each app is, against what its framework allows."""
