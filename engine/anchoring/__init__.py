"""What proves the record from outside: anchors of all audit heads, signed and kept elsewhere."""
