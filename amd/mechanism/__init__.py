"""Direct mechanisms: what is decided and paid at every report profile, read, called, audited and simulated."""
