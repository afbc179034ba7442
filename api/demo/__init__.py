"""A working day of the demonstration province, played through the public API and verified afterwards."""
