"""Signatures on PDF files: one port, and what signs behind it; the verdict on a signed file."""
