"""Procedures tried before they are published: scenarios, recordings, comparisons. No dossier is written here."""
