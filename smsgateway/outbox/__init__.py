"""From a visit to a text on its way: planning, then an outbox whose every row has an honest state."""
