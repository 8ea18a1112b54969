"""People: their numbers under seal, and what they asked us not to do."""
