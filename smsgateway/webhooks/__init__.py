"""What carriers post to us: replies and delivery statuses, signed."""
