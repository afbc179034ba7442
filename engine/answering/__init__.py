"""Agencies without a system: what a mailed link or a printed slip asks, and what comes back."""
