"""Bundles: one submission of a citizen, several dossiers; what waits, what follows, what is asked and returned once."""
