"""Notices to citizens and staff: worded, queued with the act, sent, or parked with an owner."""
