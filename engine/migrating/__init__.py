"""Dossiers brought from one version of their procedure to another: looked at, decided, moved, undone."""
