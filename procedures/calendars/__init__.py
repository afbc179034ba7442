"""Working calendars as data: the years the Government has announced, and what an agency adds to them."""
