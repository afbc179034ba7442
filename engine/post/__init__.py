"""The public postal service and pay-out: records both sides sign, batches for the carrier, lists of a month, papers."""
