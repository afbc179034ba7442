"""What the national public service portal is told: fields by its description, sent in order, compared every day."""
