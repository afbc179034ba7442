"""Partners without a system: a link by mail or a printed slip, answered once."""
