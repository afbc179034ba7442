"""Working calendars in the hands of administrators: read by year, edited as drafts, published as versions."""
