"""How procedures are written, checked, published by a second person, compared, exported and retired."""
