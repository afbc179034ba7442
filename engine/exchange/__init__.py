"""Hands dossiers to other installations and takes theirs (docs/exchange.md)."""
