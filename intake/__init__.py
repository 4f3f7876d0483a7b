"""How leads come in: files of leads, read, recognised, tried and taken over (R1)."""
