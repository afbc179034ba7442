"""The forms of the law as PDF/A, generated from what was recorded."""
