"""The power of the suite, measured: small changes to the apps, and which of them it notices."""
