"""What the national portal is told of each dossier, in order; reconciled daily."""
