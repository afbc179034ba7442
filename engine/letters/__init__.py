"""Results and letters: drafted from templates, reviewed, initialled, signed, numbered, issued."""
